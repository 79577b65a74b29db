import { Empty } from "@/shared/StateView";

export function AdminPage() {
  return <Empty title="" />;
}
