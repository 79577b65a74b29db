import { Empty } from "@/shared/StateView";

export function DealsPage() {
  return <Empty title="" />;
}
