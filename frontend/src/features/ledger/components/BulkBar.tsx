/** What to do with the rows chosen: a dark bar at the bottom with their count and sums. */
import { ArrowLeftRight, Building2, Download, UserCheck, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useMe, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Money } from "@/shared/Money";
import { MOST_CHOSEN, type Row, useChosen } from "../api";
import { type BulkAct, BulkDialog } from "./BulkDialog";
import css from "./bulk.module.css";

interface Props {
  rows: readonly Row[];
  onClear: () => void;
  onExport: (ids: string) => void;
}

export function BulkBar({ rows, onClear, onExport }: Props) {
  const { t } = useTranslation("ledger");
  const me = useMe();
  const { label } = useMeta();
  const [act, setAct] = useState<BulkAct | null>(null);
  const ids = rows.map((row) => row.id).sort();
  const sums = useChosen(ids).data?.sum ?? [];
  const isTooMany = ids.length > MOST_CHOSEN;
  const may = (code: string) => me.permissions.some((permission) => permission.code === code);
  const button = (key: BulkAct | "export", icon: ReactNode, onClick: () => void) => (
    <button type="button" onClick={onClick} disabled={isTooMany} title={isTooMany ? t("bulk.tooMany", { count: MOST_CHOSEN }) : undefined}>
      {icon}
      {t(`bulk.${key}`)}
    </button>
  );
  return (
    <div className={css.bar} role="toolbar" aria-label={t("bulk.title")}>
      <b>{t("bulk.chosen", { count: rows.length })}</b>
      <span className={css.sums}>
        {sums.map((sum) => (
          <span key={sum.pool}>
            {said(label("Pool", sum.pool))} <Money yuan={sum.planned_total} unit="yi" decimals={2} />
          </span>
        ))}
      </span>
      <i aria-hidden="true" />
      {may("write") && button("appoint_leader", <UserCheck size={15} strokeWidth={1.75} aria-hidden="true" />, () => setAct("appoint_leader"))}
      {may("write") && button("move", <ArrowLeftRight size={15} strokeWidth={1.75} aria-hidden="true" />, () => setAct("move"))}
      {may("transfer") && button("transfer", <Building2 size={15} strokeWidth={1.75} aria-hidden="true" />, () => setAct("transfer"))}
      {button("export", <Download size={15} strokeWidth={1.75} aria-hidden="true" />, () => onExport(ids.join()))}
      <i aria-hidden="true" />
      <button type="button" aria-label={t("bulk.clear")} title={t("bulk.clear")} onClick={onClear}>
        <X size={16} strokeWidth={1.75} aria-hidden="true" />
      </button>
      {act && (
        <BulkDialog
          act={act}
          rows={rows}
          onClose={() => setAct(null)}
          onDone={() => {
            setAct(null);
            onClear();
          }}
        />
      )}
    </div>
  );
}
