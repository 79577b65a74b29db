import { Empty } from "@/shared/StateView";

export function ProjectPage() {
  return <Empty title="" />;
}
