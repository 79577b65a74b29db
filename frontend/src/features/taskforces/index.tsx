import { Empty } from "@/shared/StateView";

export function TaskForcesPage() {
  return <Empty title="" />;
}

export function TaskForcePage() {
  return <Empty title="" />;
}
