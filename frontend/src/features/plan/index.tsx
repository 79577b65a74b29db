import { Empty } from "@/shared/StateView";

export function PlanPage() {
  return <Empty title="" />;
}
