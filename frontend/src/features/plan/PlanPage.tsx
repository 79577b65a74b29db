import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useTranslation } from "@/i18n";
import { CountTabs } from "@/shared/CountTabs";
import { Batches } from "./components/Batches";
import { PlanList } from "./components/PlanList";
import { Resumptions } from "./components/Resumptions";

const TABS = ["list", "batches", "resumptions"] as const;

/** The plan list of a year, collective starts, and projects whose work goes on. */
export function PlanPage() {
  const { t } = useTranslation("plan");
  const [search, change] = usePageSearch();
  const tab = TABS.find((one) => one === search.tab) ?? "list";
  return (
    <>
      <Title text={t("title")} />
      <CountTabs
        label={t("title")}
        current={tab}
        onChange={(next) => change({ tab: next === "list" ? null : next, open: null })}
        tabs={TABS.map((key) => ({ key, label: t(`tabs.${key}`) }))}
      />
      {tab === "list" && <PlanList />}
      {tab === "batches" && <Batches />}
      {tab === "resumptions" && <Resumptions />}
    </>
  );
}
