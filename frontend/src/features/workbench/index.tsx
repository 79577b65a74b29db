import { Empty } from "@/shared/StateView";

export function WorkbenchPage() {
  return <Empty title="" />;
}

export function MilestonesPage() {
  return <Empty title="" />;
}
