import { useParams } from "@tanstack/react-router";
import { Button, Segmented, Select } from "antd";
import { Download, Link2 } from "lucide-react";
import { useMemo, useState } from "react";
import { useIsPhone } from "@/app/phone";
import { type Search, usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMeta, useToday } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { copy } from "@/shared/copy";
import { save } from "@/shared/download";
import { dayOfMoment, KnownAt, KnownNotice, PeriodSteps } from "@/shared/PeriodControls";
import { isPeriod, periodOf } from "@/shared/periods";
import { NoResult } from "@/shared/StateView";
import { To } from "@/shared/To";
import { toast } from "@/shared/toast";
import { Chips } from "../components/Chips";
import { Groups } from "../components/Groups";
import { Rows } from "../components/Rows";
import { type Dimension, DIMENSIONS, exported, type Figure, FIGURES } from "../rows";
import css from "./drill.module.css";

/** A figure opened into the rows or groups that add up to it. The address carries all of it: a copied link shows the
 * same. */
/** Returns the cockpit with what the figure was asked for by. */
function cockpitOf(search: Search): string {
  const asked = ["period", "unit_id", "task_force_id", "known_at"].filter((name) => search[name]);
  return `/cockpit?${new URLSearchParams(asked.map((name) => [name, search[name]!]))}`;
}

export function DrillPage() {
  const { t } = useTranslation("drill");
  const { t: totals } = useTranslation("totals");
  const name = useParams({ strict: false }).figure as Figure;
  const [search, change] = usePageSearch();
  const today = useToday();
  const [knownAt, setKnownAt] = useState<string | null>(null);
  const isPhone = useIsPhone();
  const hasDays = Boolean(search.from || search.to);
  const query = useMemo((): Search => {
    const asked = Object.fromEntries(Object.entries(search).filter(([key]) => key !== "by" && key !== "with"));
    return hasDays || asked.period || name === "awaiting-signed" ? asked : { ...asked, period: periodOf(today, "quarter") };
  }, [search, hasDays, name, today]);

  if (!FIGURES.includes(name)) return <NoResult />;
  const title = totals(`figure.${name}`);
  const dimensions: readonly Dimension[] = DIMENSIONS[name];
  const by = dimensions.find((one) => one === search.by);
  const link = () => {
    const pinned = new URLSearchParams({ ...query, ...(by && { by }), ...(knownAt && { known_at: knownAt }) });
    void copy(`${location.origin}/rows/${name}?${pinned}`).then(() => toast(t("copied")));
  };
  const then = search.known_at && dayOfMoment(search.known_at) < today ? search.known_at : undefined;

  return (
    <div className={css.page}>
      <Title text={title}>
        <To href={cockpitOf(search)}>{t("cockpit")}</To>
        <h1>{title}</h1>
      </Title>
      <div className={css.controls}>
        {isPeriod(query.period) && <PeriodSteps period={query.period} onChange={(period) => change({ period, known_at: null })} />}
        {hasDays && <span className={css.days}>{t("days", { from: query.from ?? "…", to: query.to ?? "…" })}</span>}
        <KnownAt value={then} onChange={(day) => change({ known_at: day })} isShort={isPhone} />
        <Chips query={query} onDrop={(key) => change({ [key]: null })} />
        <span className={css.acts}>
          <Button icon={<Link2 size={14} strokeWidth={1.75} />} onClick={link}>
            {t("copy")}
          </Button>
          <Button
            icon={<Download size={14} strokeWidth={1.75} />}
            onClick={() => void exported(name, query).then((content) => save(content, `${title}.csv`))}
          >
            {t("export")}
          </Button>
        </span>
      </div>
      {dimensions.length > 0 && <Look by={by} dimensions={dimensions} onChange={(next) => change({ by: next }, { push: true })} />}
      {then && <KnownNotice value={then} onLatest={() => change({ known_at: null })} />}
      {by ? (
        <Groups name={name} query={query} by={by} onKnown={setKnownAt} />
      ) : (
        <Rows name={name} query={query} onKnown={setKnownAt} />
      )}
    </div>
  );
}

interface LookProps {
  by: Dimension | undefined;
  dimensions: readonly Dimension[];
  onChange: (by: Dimension | null) => void;
}

/** Row by row, or in groups by one of the dimensions of the figure. */
function Look({ by, dimensions, onChange }: LookProps) {
  const { t } = useTranslation("drill");
  const { label } = useMeta();
  const isPhone = useIsPhone();
  const options = [
    { value: "", label: t("each") },
    ...dimensions.map((one) => ({ value: one, label: t("by", { what: titled(label("GroupBy", one)) }) })),
  ];
  const props = { "aria-label": t("look"), value: by ?? "", options, onChange: (next: string) => onChange((next || null) as Dimension | null) };
  return <div className={css.look}>{isPhone ? <Select {...props} size="large" /> : <Segmented {...props} />}</div>;
}
