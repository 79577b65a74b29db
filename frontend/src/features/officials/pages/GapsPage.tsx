import { App, Button } from "antd";
import { Download } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { Problem } from "@/api/problems";
import { openFollowUp } from "@/app/followUp";
import { type Search, usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { save } from "@/shared/download";
import { FilterChips, without } from "@/shared/filters/FilterChips";
import { conditionsOf, type FilterField, paramsOf } from "@/shared/filters/fields";
import { RecordFilter } from "@/shared/filters/RecordFilter";
import { ViewTabs } from "@/shared/filters/ViewTabs";
import { CardLines, ListBar, RecordList } from "@/shared/RecordList";
import { RecordName } from "@/shared/RecordName";
import { StageTag } from "@/shared/StageTag";
import { Empty } from "@/shared/StateView";
import { To } from "@/shared/To";
import { usePages } from "@/shared/usePages";
import { type GapKind, type GapRow, readGaps } from "../api";
import { AppointForm } from "../components/AppointForm";
import css from "../officials.module.css";

const RED: readonly GapKind[] = ["is_late", "is_leader_late"];

/** The projects that lack one of the five, each with the act that closes the gap. */
export function GapsPage() {
  const { t } = useTranslation("officials");
  const { labels, label, field } = useMeta();
  const me = useMe();
  const today = useToday();
  const { message } = App.useApp();
  const [search, setSearch] = usePageSearch();
  const [appointing, setAppointing] = useState<GapRow | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const kinds = labels("GapKind");
  const fields: FilterField[] = [
    { kind: "records", param: "unit_id", title: t("unit"), record: "unit" },
    { kind: "records", param: "own_unit_id", title: t("unit"), record: "unit", extra: [{ value: "none", label: said(label("Absent", "none")) }] },
    { kind: "records", param: "task_force_id", title: t("taskForce"), record: "task_force", extra: [{ value: "none", label: said(label("Absent", "none")) }] },
    { kind: "records", param: "leader_id", title: t("leader"), record: "official" },
    { kind: "chosen", param: "ids", title: t("chosen"), text: (count) => t("projectCount", { count }) },
  ];
  const all: FilterField[] = [...fields, { kind: "choice", param: "kind", title: "", options: [] }];
  const conditions = conditionsOf(search, all);
  // The tabs keep the other conditions.
  const others: Search = conditionsOf(search, fields);
  const presets = [
    { key: "all", title: t("common:all"), query: others },
    ...kinds.map((kind) => ({ key: kind.code, title: said(kind), query: { ...others, kind: kind.code } })),
  ];
  const pages = usePages<GapRow, Schemas["Page_GapRow_"]>(["gaps", conditions], (asked) => readGaps(conditions, asked));
  const mayWrite = me.permissions.some((permission) => permission.code === "write");
  const of = (name: string) => said(field("gap", name));

  async function download() {
    setIsBusy(true);
    try {
      const { data } = await api.GET("/api/v1/five-ones/gaps/export", { params: { query: conditions }, parseAs: "blob" });
      save(data as unknown as Blob, `${t("gapsTitle")} ${today}.csv`);
    } catch (error) {
      if (error instanceof Problem) void message.error(error.document.detail);
    } finally {
      setIsBusy(false);
    }
  }

  const gapsOf = (row: GapRow) => (
    <span className={css.gap}>
      {kinds
        // «No leader 7 days after entry» says «no leader» too.
        .filter((kind) => row[kind.code as GapKind] && !(kind.code === "lacks_leader" && row.is_leader_late))
        .map((kind) => (
          <span key={kind.code} className={RED.includes(kind.code as GapKind) ? css.late : ""}>
            {said(kind)}
          </span>
        ))}
    </span>
  );
  const actsOf = (row: GapRow) => (
    <span className={css.acts}>
      {mayWrite && row.lacks_leader && (
        <Button type="link" size="small" onClick={() => setAppointing(row)}>
          {t("appoint")}
        </Button>
      )}
      {mayWrite && row.is_late && (
        <Button type="link" size="small" onClick={() => openFollowUp(row.id)}>
          {t("followUp")}
        </Button>
      )}
      {(row.is_leader_out_of_post || row.lacks_team || row.lacks_plan) && (
        <To href={`/projects/${row.id}`}>
          {mayWrite ? (row.is_leader_out_of_post ? t("handOver") : row.lacks_team ? t("setTeam") : t("publishPlan")) : t("open")}
        </To>
      )}
    </span>
  );
  const columns: Column<GapRow>[] = [
    { key: "code", title: of("code"), width: 112, frozen: true, render: (row) => <span className={css.code}>{row.code}</span>, foot: t("totalProjects", { shown: countText(pages.first?.count) }) },
    { key: "name", title: of("name"), width: 240, grows: true, frozen: true, render: (row) => <b className={css.name}><RecordName of={row} /></b> },
    { key: "stage", title: of("stage"), width: 120, render: (row) => <StageTag stage={row.stage} /> },
    { key: "unit", title: of("unit"), width: 150, render: (row) => (row.unit ? shortNameOf(row.unit) : <span className={css.quiet}>{t("common:notFilled")}</span>) },
    {
      key: "leader",
      title: of("leader"),
      width: 130,
      render: (row) => (row.leader ? <To href={`/officials/${row.leader.id}`}><RecordName of={row.leader} /></To> : <span className={css.warn}>{t("lacking")}</span>),
    },
    { key: "gaps", title: t("what"), width: 360, render: gapsOf },
    { key: "acts", title: t("act"), width: 210, align: "right", render: actsOf },
  ];
  return (
    <>
      <Title text={t("gapsTitle")}>
        <To href="/officials">{t("common:pages.officials")}</To>
        <h1>{t("gapsTitle")}</h1>
      </Title>
      <div className={css.tabs}>
        <ViewTabs
          room="gaps"
          presets={presets}
          viewId={search.view}
          conditions={conditions}
          columns={() => []}
          layout="table"
          onOpen={(query, view) => setSearch({ ...without(all.flatMap(paramsOf)), ...query, view: view?.id ?? null }, { push: true })}
        />
      </div>
      <ListBar
        acts={
          <Button loading={isBusy} icon={<Download size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => void download()}>
            {t("export")}
          </Button>
        }
      >
        <RecordFilter label={t("unit")} kind="unit" value={search.unit_id} onChange={(unit_id) => setSearch({ unit_id })} />
        <RecordFilter label={t("taskForce")} kind="task_force" value={search.task_force_id} onChange={(task_force_id) => setSearch({ task_force_id })} />
        <RecordFilter label={t("leader")} kind="official" value={search.leader_id} onChange={(leader_id) => setSearch({ leader_id })} />
        <FilterChips fields={fields} search={search} onChange={setSearch} />
      </ListBar>
      <RecordList
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("gapsTitle")}
        href={(row) => `/projects/${row.id}`}
        hasFoot
        note={t("gapsNote")}
        onClear={Object.keys(others).length ? () => setSearch(without(all.flatMap(paramsOf))) : undefined}
        empty={<Empty title={t("noGaps")} />}
        card={(row) => (
          <CardLines
            title={<RecordName of={row} />}
            lines={[
              <>
                <StageTag stage={row.stage} /> · {row.unit ? shortNameOf(row.unit) : t("common:notFilled")} · {row.leader ? <RecordName of={row.leader} /> : t("lacksLeader")}
              </>,
              gapsOf(row),
            ]}
          />
        )}
      />
      <AppointForm row={appointing} onClose={() => setAppointing(null)} />
    </>
  );
}
