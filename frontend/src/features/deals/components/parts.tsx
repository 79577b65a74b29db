import { useMeta } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { Tag } from "@/shared/RecordPage";
import type { DealRow } from "../api";

type Stated = Pick<DealRow, "status" | "submitted_at"> & Partial<Pick<DealRow, "gates_missing" | "is_returned">>;

/** How a deal stands; a draft says whether it waits for its approval, and what that still lacks. */
export function DealState({ deal, isReturned = deal.is_returned }: { deal: Stated; isReturned?: boolean }) {
  const { t } = useTranslation("deals");
  const { label } = useMeta();
  if (deal.status !== "draft") return <Tag tone={deal.status === "live" ? "ok" : "plain"}>{titled(label("DealStatus", deal.status))}</Tag>;
  if (isReturned) return <Tag tone="warn">{t("state.returned")}</Tag>;
  if (!deal.submitted_at) return <Tag>{titled(label("DealStatus", "draft"))}</Tag>;
  const missing = deal.gates_missing?.length ?? 0;
  return <Tag tone={missing ? "warn" : "accent"}>{missing ? t("state.submittedLacks", { count: missing }) : t("state.submitted")}</Tag>;
}
