import { Empty } from "@/shared/StateView";

export function OfficialsPage() {
  return <Empty title="" />;
}

export function OfficialPage() {
  return <Empty title="" />;
}

export function GapsPage() {
  return <Empty title="" />;
}
