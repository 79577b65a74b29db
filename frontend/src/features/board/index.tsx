import { Empty } from "@/shared/StateView";

export function BoardPage() {
  return <Empty title="" />;
}
