import { Button } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { queries, type Schemas } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { dayOfMoment, KnownAt, KnownNotice, PeriodSteps } from "@/shared/PeriodControls";
import { isPeriod, periodOf } from "@/shared/periods";
import { Empty, QueryView } from "@/shared/StateView";
import { FigureForm } from "../components/FigureForm";
import { Heads, PublishedLine } from "../components/PublishedLine";
import css from "./published.module.css";

/** What was published beside what the rows give now: agreement, or the difference in words and the reason. */
export function PublishedPage() {
  const { t } = useTranslation("published");
  const [search, change] = usePageSearch();
  const me = useMe();
  const today = useToday();
  const isPhone = useIsPhone();
  // What is being entered: a figure, or one published anew.
  const [entering, setEntering] = useState<Schemas["PublishedRead"] | "new" | null>(null);
  const period = isPeriod(search.period) ? search.period : periodOf(today, "quarter");
  const knownAt = search.known_at && dayOfMoment(search.known_at) < today ? search.known_at : undefined;
  const figures = queries.useQuery("get", "/api/v1/published-figures", {
    params: { query: { period, ...(knownAt && { known_at: knownAt }) } },
  });
  // What was known then is not entered into.
  const mayEnter = !knownAt && me.permissions.some((one) => one.code === "keep_lists");
  const items = figures.data?.items ?? [];
  const number = (isEqual: boolean | null) => items.filter((one) => one.is_equal === isEqual).length;
  const enter = mayEnter && (
    <Button icon={<Plus size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setEntering("new")}>
      {t("enter")}
    </Button>
  );
  return (
    <div className={css.page}>
      <Title text={t("title")} />
      <div className={css.controls}>
        <PeriodSteps period={period} onChange={(next) => change({ period: next, known_at: null })} />
        <KnownAt value={knownAt} onChange={(day) => change({ known_at: day })} isShort={isPhone} />
        <div className={css.side}>
          {items.length > 0 && <span>{t("summary", { agree: number(true), differ: number(false), unknown: number(null) })}</span>}
          {items.length > 0 && enter}
        </div>
      </div>
      {knownAt && <KnownNotice value={knownAt} onLatest={() => change({ known_at: null })} />}
      <QueryView query={figures}>
        {() =>
          items.length ? (
            <ul className={css.lines}>
              <Heads />
              {items.map((line) => (
                <PublishedLine
                  key={line.published.id}
                  line={line}
                  all={items}
                  period={period}
                  onSupersede={mayEnter ? () => setEntering(line.published) : undefined}
                />
              ))}
            </ul>
          ) : (
            <Empty title={t("none")} text={t("noneText")}>
              {enter}
            </Empty>
          )
        }
      </QueryView>
      <p className={css.foot}>{t("foot")}</p>
      {entering && <FigureForm period={period} before={entering === "new" ? null : entering} onClose={() => setEntering(null)} />}
    </div>
  );
}
