import { ChevronRight } from "lucide-react";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { DividedBar } from "@/shared/DividedBar";
import { fen, scaleOf, share, shown } from "@/shared/money";
import { grainOf } from "@/shared/periods";
import { plainName, RecordName } from "@/shared/RecordName";
import { pageOf, To } from "@/shared/To";
import type { Overview, Published } from "../api";
import { Agreement } from "./Agreement";
import { Count, Figure } from "./Figure";
import css from "./cards.module.css";

interface Props {
  period: string;
  signings: Overview["signings"];
  awaiting: Overview["awaiting_signed"];
  published: readonly Published[] | undefined;
  publishedHref: string;
}

export function SigningsCard({ period, signings, awaiting, published, publishedHref }: Props) {
  const { t } = useTranslation("cockpit");
  const href = pageOf(signings.entries_url);
  const isQuarter = grainOf(period) === "quarter";
  return (
    <Card className={css.signings}>
      <div className={css.split}>
        <div className={css.lead}>
          <h2 className={css.name}>{t("signings.title")}</h2>
          <Figure yuan={signings.amount} href={href} title={said(signings.caliber)} size="xl" />
          <p className={css.counts}>
            <Count value={signings.count} href={href}>
              {t("signings.count")}
            </Count>
            <Count value={signings.same_quarter_landed} href={pageOf(signings.same_quarter_landed_url)}>
              {t(isQuarter ? "signings.landed" : "signings.landedInOwn")}
            </Count>
            <To href={pageOf(signings.terminations.entries_url) ?? "#"} className={css.terminated}>
              {t("signings.terminated")} <b>{signings.terminations.count}</b>
            </To>
          </p>
        </div>
        <div className={css.parts}>
          <Parts signings={signings} />
          <p className={css.quiet}>
            {awaiting.count > 0 && <To href={pageOf(awaiting.rows_url) ?? "#"}>{t("signings.awaiting", { count: awaiting.count })}</To>}
            {signings.single_person.count > 0 && (
              <To href={pageOf(signings.single_person.entries_url) ?? "#"}>{t("signings.single", { count: signings.single_person.count })}</To>
            )}
          </p>
          <div className={css.bottom}>
            <Agreement published={published} kind="signings" href={publishedHref} />
            {href && (
              <To href={href} className={css.more}>
                {t("signings.entries")}
                <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" />
              </To>
            )}
          </div>
        </div>
      </div>
    </Card>
  );
}

/** The largest agreements and the rest, as one divided bar that says at once how much is one project. */
export function Parts({ signings }: { signings: Overview["signings"] }) {
  const { t } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const { largest, rest } = signings.parts;
  const first = largest[0];
  const total = fen(signings.amount);
  if (!first || total <= 0n) return <p className={css.nothing}>{t("signings.nothing")}</p>;
  const others = total - fen(first.amount);
  const { unit, decimals } = scaleOf([fen(first.amount), others]);
  const say = (yuan: string | null) => `${shown(fen(yuan ?? "0"), unit, Math.max(decimals, 1))} ${common(`unit.${unit}`)}`;
  const parts = [
    ...largest.map((part) => ({
      key: part.deal.code,
      amount: fen(part.amount),
      label: `${plainName(part.deal.project_name ?? part.deal.title ?? part.deal.code)} ${say(part.amount)}`,
      href: pageOf(part.entries_url) ?? undefined,
    })),
    ...(rest.count
      ? [{ key: "rest", amount: fen(rest.amount ?? "0"), label: `${t("signings.rest", { count: rest.count })} ${say(rest.amount)}`, href: pageOf(rest.entries_url) ?? undefined }]
      : []),
  ];
  const firstHref = pageOf(first.entries_url);
  const othersHref = `${pageOf(signings.entries_url) ?? ""}&except_deal_code=${first.deal.code}`;
  return (
    <>
      <p className={css.largest}>
        <To href={firstHref ?? "#"}>
          <RecordName of={{ name: first.deal.project_name ?? first.deal.title ?? first.deal.code }} illustrative={first.is_illustrative} />
        </To>
        <b>{shown(fen(first.amount), unit, decimals)}</b>
      </p>
      <DividedBar parts={parts} total={total} />
      <p className={css.legend}>
        <To href={firstHref ?? "#"}>
          <i className={css.strong} />
          {t("signings.share", { share: share(fen(first.amount), total).toFixed(1) })}
        </To>
        {signings.count > first.count && (
          <To href={othersHref}>
            <i className={css.weak} />
            {t("signings.rest", { count: signings.count - first.count })} {shown(others, unit, decimals)} {common(`unit.${unit}`)}
          </To>
        )}
      </p>
    </>
  );
}
