import { Empty } from "@/shared/StateView";

export function CockpitPage() {
  return <Empty title="" />;
}
