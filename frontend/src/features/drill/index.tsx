import { Empty } from "@/shared/StateView";

export function DrillPage() {
  return <Empty title="" />;
}
