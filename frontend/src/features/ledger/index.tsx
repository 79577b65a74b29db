import { Empty } from "@/shared/StateView";

export function LedgerPage() {
  return <Empty title="" />;
}
