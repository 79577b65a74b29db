import { Empty } from "@/shared/StateView";

export function AccountPage() {
  return <Empty title="" />;
}
