import type { ReactNode } from "react";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { DividedBar } from "@/shared/DividedBar";
import { Money } from "@/shared/Money";
import { pageOf, To } from "@/shared/To";
import type { Overview, Published } from "../api";
import { Agreement } from "./Agreement";
import { Count, Figure } from "./Figure";
import css from "./cards.module.css";

interface Half {
  name: string;
  count: number;
  href: string | null;
}

/** Two parts of a number of projects, as a bar and two links. */
export function Halves({ halves }: { halves: readonly [Half, Half] }) {
  const total = BigInt(halves[0].count + halves[1].count);
  return (
    <>
      <DividedBar
        size="slim"
        total={total}
        parts={halves.filter((half) => half.count > 0).map((half) => ({ key: half.name, amount: BigInt(half.count), label: `${half.name} ${half.count}` }))}
        strong={halves[0].count > 0 ? 1 : 0}
      />
      <p className={css.legend}>
        {halves.map((half, index) => (
          <To key={half.name} href={half.href ?? "#"}>
            <i className={index ? css.weak : css.strong} />
            {half.name} <b>{half.count.toLocaleString("en")}</b>
          </To>
        ))}
      </p>
    </>
  );
}

interface FrameProps {
  title: string;
  yuan: string;
  href: string | null;
  caliber: string;
  counts: ReactNode;
  halves: readonly [Half, Half];
  agreement: ReactNode;
}

function FigureCard({ title, yuan, href, caliber, counts, halves, agreement }: FrameProps) {
  return (
    <Card className={css.card}>
      <h2 className={css.name}>{title}</h2>
      <Figure yuan={yuan} href={href} title={caliber} size="l" />
      <p className={css.counts}>{counts}</p>
      <div className={css.onlyWide}>
        <Halves halves={halves} />
        <div className={css.bottom}>{agreement}</div>
      </div>
    </Card>
  );
}

/** Returns an address with one more condition. */
function withCondition(href: string | null, condition: string): string | null {
  return href && `${href}${href.includes("?") ? "&" : "?"}${condition}`;
}

/** What the three figures beside the signings consist of. */
export function useFigures(overview: Overview) {
  const { t } = useTranslation("cockpit");
  const { collective_start: collective, started_or_resumed: started, planned_year: planned } = overview;
  const collectiveHref = pageOf(collective.rows_url);
  const plannedHref = pageOf(planned.rows_url);
  const under = collective.groups.size?.filter((group) => group.key === "under_1_yi")[0];
  return {
    collective: {
      title: t("collective.title"),
      yuan: collective.amount,
      count: collective.count,
      href: collectiveHref,
      caliber: said(collective.caliber),
      halves: [
        { name: t("collective.from"), count: collective.from_1_yi.count, href: pageOf(collective.from_1_yi.rows_url) },
        { name: t("collective.under"), count: collective.count - collective.from_1_yi.count, href: pageOf(under?.rows_url) ?? collectiveHref },
      ] as const,
    },
    started: {
      title: t("started.title"),
      yuan: started.amount,
      count: started.count,
      href: pageOf(started.rows_url),
      caliber: said(started.caliber),
      halves: [
        { name: t("started.new"), count: started.new.count, href: pageOf(started.new.rows_url) },
        { name: t("started.resumed"), count: started.resumed.count, href: pageOf(started.resumed.rows_url) },
      ] as const,
    },
    planned: {
      title: t("planned.title"),
      yuan: planned.amount.planned_total,
      count: planned.count,
      href: plannedHref,
      caliber: said(planned.caliber),
      halves: [
        { name: t("planned.started"), count: planned.started.count, href: pageOf(planned.started.rows_url) },
        { name: t("planned.open"), count: planned.count - planned.started.count, href: withCondition(plannedHref, "is_started=false") },
      ] as const,
    },
  };
}

interface Props {
  overview: Overview;
  published: readonly Published[] | undefined;
  publishedHref: string;
}

export function FigureCards({ overview, published, publishedHref }: Props) {
  const { t } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const { collective, started, planned } = useFigures(overview);
  const without = (count: number, url: string) =>
    count > 0 && (
      <To href={pageOf(url) ?? "#"} className={css.without}>
        {t("without", { count })}
      </To>
    );
  const agreement = (kind: Published["published"]["kind"]) => <Agreement published={published} kind={kind} href={publishedHref} />;
  return (
    <>
      <FigureCard
        {...collective}
        counts={
          <>
            <Count value={collective.count} href={collective.href}>
              {common("unit.project", { count: collective.count })}
            </Count>
            {without(overview.collective_start.without_amount, overview.collective_start.without_amount_url)}
          </>
        }
        agreement={agreement("collective_start")}
      />
      <FigureCard
        {...started}
        counts={
          <>
            <Count value={started.count} href={started.href}>
              {common("unit.project", { count: started.count })}
            </Count>
            {without(overview.started_or_resumed.without_amount, overview.started_or_resumed.without_amount_url)}
          </>
        }
        agreement={agreement("started_or_resumed")}
      />
      <FigureCard
        {...planned}
        counts={
          <>
            <Count value={planned.count} href={planned.href}>
              {common("unit.project", { count: planned.count })}
            </Count>
            <span className={css.onlyWide}>
              {t("planned.thisYear")} <Money yuan={overview.planned_year.amount.planned_this_year} />
            </span>
          </>
        }
        agreement={agreement("planned_year")}
      />
    </>
  );
}
