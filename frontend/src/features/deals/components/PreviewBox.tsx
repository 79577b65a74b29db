import { useQueryClient } from "@tanstack/react-query";
import { ArrowRight, CalendarDays, Landmark, UsersRound } from "lucide-react";
import { queries, type Schemas } from "@/api/client";
import { Problem } from "@/api/problems";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, titled, useTranslation } from "@/i18n";
import { Money } from "@/shared/Money";
import { fen, type MoneyUnit, unitOf, unitOfAll } from "@/shared/money";
import { Skeleton } from "@/shared/StateView";
import { type Deal, dealQuery, type Preview } from "../api";
import css from "./drawer.module.css";

/** What approving would enter: the totals before and after, the day, unit and task force it counts for. */
export function ApprovalPreview({ deal }: { deal: Deal }) {
  const { t } = useTranslation("deals");
  const client = useQueryClient();
  const query = queries.useQuery(
    "get",
    "/api/v1/deals/{deal_id}/approval/preview",
    { params: { path: { deal_id: deal.id } } },
    { retry: false, enabled: () => client.getQueryData<Deal>(dealQuery(deal.id).queryKey)?.status === "draft" },
  );
  return (
    <section>
      <h3 className={css.section}>{t("preview.title")}</h3>
      <PreviewView preview={query.data} error={query.error} isPending={query.isPending} ofProject />
    </section>
  );
}

interface Props {
  preview: Preview | undefined;
  error: unknown;
  isPending: boolean;
  /** Says where the project may go then. */
  ofProject?: boolean;
}

export function PreviewView({ preview, error, isPending, ofProject }: Props) {
  const { t } = useTranslation("deals");
  if (preview) return <Shown preview={preview} ofProject={ofProject} />;
  if (error) return <p className={css.quiet}>{error instanceof Problem ? error.message : t("preview.none")}</p>;
  return isPending ? <Skeleton rows={2} columns={2} /> : null;
}

function Shown({ preview, ofProject }: { preview: Preview; ofProject?: boolean }) {
  const { t } = useTranslation("deals");
  const { label, stage } = useMeta();
  const changed = preview.totals.filter((one) => one.before.count !== one.after.count || one.before.amount !== one.after.amount);
  const quarters = changed.filter((one) => one.period.includes("Q"));
  const totals = quarters.length ? quarters : changed;
  const first = preview.entries[0];
  const unit = unitOfAll(preview.entries.map((entry) => entry.amount));
  const next = preview.project_may_move_to && stage(preview.project_may_move_to);
  const days = [...new Set(preview.entries.map((entry) => entry.effective_on))];
  const lines: [React.ReactNode, string, React.ReactNode][] = [];
  if (days.length) lines.push([<CalendarDays key="i" />, t("preview.day"), days.join(t("common:listSeparator"))]);
  if (first) {
    lines.push([<Landmark key="i" />, t("preview.unit"), names(preview.entries.map((entry) => entry.unit))]);
    lines.push([<UsersRound key="i" />, t("preview.taskForce"), names(preview.entries.map((entry) => entry.task_force)) || t("preview.noTaskForce")]);
  }
  if (ofProject) {
    lines.push([
      <ArrowRight key="i" />,
      t("preview.stage"),
      next ? t("preview.mayMove", { stage: said({ zh: next.name_zh, en: next.name_en }) }) : t("preview.stays"),
    ]);
  }
  return (
    <>
      {totals.map((total) => (
        <Total key={total.period} total={total} />
      ))}
      {!totals.length && <p className={css.quiet}>{t("preview.same")}</p>}
      {preview.entries.length > 1 && (
        <ul className={css.lines}>
          {preview.entries.map((entry, index) => (
            <li key={index}>
              <span className={css.lineName}>
                {titled(label("EntryKind", entry.kind))}
                {entry.is_reversal && ` · ${t("preview.reversal")}`} · {entry.effective_on}
              </span>
              <span>
                {signed(entry.count)} {t("common:unit.project", { count: Math.abs(entry.count) })} · <Money yuan={entry.amount} unit={unit} decimals={unit === "yi" ? 2 : 0} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <ul className={css.lines}>
        {lines.map(([icon, name, value]) => (
          <li key={name}>
            <span className={css.lineName}>
              {icon}
              {name}
            </span>
            <span>{value}</span>
          </li>
        ))}
      </ul>
      {!preview.scope.is_whole_city && <p className={css.caliber}>{t("preview.scope", { scope: said(preview.scope) })}</p>}
    </>
  );
}

function signed(count: number): string {
  return count > 0 ? `+${count}` : String(count).replace("-", "−");
}

function names(refs: readonly (Schemas["Ref"] | null)[]): string {
  return [...new Set(refs.flatMap((ref) => (ref ? [shortNameOf(ref)] : [])))].join("、");
}

const QUARTERS = [1, 2, 3, 4] as const;

function Total({ total }: { total: Schemas["PreviewTotal"] }) {
  const { t } = useTranslation("deals");
  const today = useToday();
  const year = total.period.slice(0, 4);
  const quarter = QUARTERS.find((one) => total.period.endsWith(`Q${one}`));
  const isThisYear = year === today.slice(0, 4);
  const period = quarter ? t(`preview.q${quarter}${isThisYear ? "" : "Of"}`, { year }) : t("preview.year", { year });
  const unit: MoneyUnit = unitOf(fen(total.after.amount) > fen(total.before.amount) ? fen(total.after.amount) : fen(total.before.amount));
  const decimals = unit === "yi" ? 1 : 0;
  return (
    <div className={css.totals}>
      <div>
        <span className={css.caption}>{t("preview.counts", { period })}</span>
        <p>
          <i>{total.before.count}</i>
          <ArrowRight size={14} strokeWidth={1.75} aria-label={t("preview.becomes")} />
          <b>{total.after.count}</b>
          <small>{t("common:unit.project", { count: total.after.count })}</small>
        </p>
      </div>
      <div>
        <span className={css.caption}>{t("preview.amounts", { period })}</span>
        <p>
          <i>
            <Money yuan={total.before.amount} unit={unit} decimals={decimals} hasUnit={false} />
          </i>
          <ArrowRight size={14} strokeWidth={1.75} aria-label={t("preview.becomes")} />
          <b>
            <Money yuan={total.after.amount} unit={unit} decimals={decimals} hasUnit={false} />
          </b>
          <small>{t(`common:unit.${unit}`)}</small>
        </p>
      </div>
    </div>
  );
}
