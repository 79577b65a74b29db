import { Empty } from "@/shared/StateView";

export function EnterprisesPage() {
  return <Empty title="" />;
}

export function EnterprisePage() {
  return <Empty title="" />;
}
