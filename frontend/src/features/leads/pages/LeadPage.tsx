import { Empty } from "@/shared/StateView";

export function LeadPage() {
  return <Empty title="" />;
}
