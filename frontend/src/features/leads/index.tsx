import { Empty } from "@/shared/StateView";

export function LeadsPage() {
  return <Empty title="" />;
}

export function LeadPage() {
  return <Empty title="" />;
}
