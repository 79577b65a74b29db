import { Empty } from "@/shared/StateView";

export function PublishedPage() {
  return <Empty title="" />;
}
