import { Segmented } from "antd";
import { CircleAlert } from "lucide-react";
import { api } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import { shortDay } from "@/shared/days";
import type { Schemas } from "@/api/client";
import type { Column } from "@/shared/DataTable";
import { conditionsOf, type FilterField, paramsOf } from "@/shared/filters/fields";
import { FilterChips, without } from "@/shared/filters/FilterChips";
import { plainName, RecordName } from "@/shared/RecordName";
import { CardLines, RecordList } from "@/shared/RecordList";
import { RefSelect } from "@/shared/RefSelect";
import { StageTag } from "@/shared/StageTag";
import { Empty } from "@/shared/StateView";
import { To } from "@/shared/To";
import { usePages } from "@/shared/usePages";
import css from "./workbench.module.css";

type Row = Schemas["MilestoneRow"];

/** Open milestones of the plans in force, by their day. */
export function MilestonesPage() {
  const { t } = useTranslation("workbench");
  const { field, labels, label } = useMeta();
  const today = useToday();
  const [search, change] = usePageSearch();
  const of = (code: string) => said(field("milestone", code));
  const fields: FilterField[] = [
    { kind: "choice", param: "state", title: t("milestones.state"), options: labels("MilestoneState").map((one) => ({ value: one.code, label: said(one) })) },
    { kind: "records", param: "unit_id", title: of("unit"), record: "unit" },
    { kind: "records", param: "own_unit_id", title: of("unit"), record: "unit", extra: [{ value: "none", label: said(label("Absent", "none")) }] },
    { kind: "records", param: "task_force_id", title: of("task_force"), record: "task_force", extra: [{ value: "none", label: said(label("Absent", "none")) }] },
    { kind: "records", param: "leader_id", title: said(field("project", "leader")), record: "official" },
    { kind: "choice", param: "until", title: t("milestones.until"), options: [] },
    { kind: "chosen", param: "ids", title: t("filters:project.chosen"), text: (count) => t("filters:project.chosenText", { count }) },
  ];
  const conditions = conditionsOf(search, fields);
  const pages = usePages<Row, Schemas["Page_MilestoneRow_"]>(["milestones", conditions], async (asked) => {
    const query = { ...conditions, ...asked, ...(!asked.cursor && { with: "count" }) };
    return (await api.GET("/api/v1/milestones", { params: { query: query as never } })).data!;
  });
  const due = (row: Row) =>
    row.days_late > 0 ? (
      <span className={css.late}>
        <CircleAlert size={13} strokeWidth={1.75} aria-hidden="true" />
        {t("late", { count: row.days_late })}
      </span>
    ) : (
      <span>{shortDay(row.due_on, today)}</span>
    );
  const columns: Column<Row>[] = [
    { key: "due_on", title: of("due_on"), width: 110, render: due },
    { key: "name", title: of("name"), width: 180, render: (row) => <b className={css.strong}>{row.name}</b> },
    {
      key: "project",
      title: of("project"),
      width: 240,
      grows: true,
      render: (row) => (
        <To href={`/projects/${row.project_id}`}>
          <RecordName of={row.project} />
        </To>
      ),
    },
    { key: "stage", title: of("stage"), width: 150, render: (row) => <StageTag stage={row.stage} /> },
    { key: "leads_to", title: of("leads_to"), width: 150, render: (row) => (row.leads_to ? <StageTag stage={row.leads_to} /> : "—") },
    { key: "planned_on", title: of("planned_on"), width: 100, render: (row) => row.planned_on },
    { key: "forecast_on", title: of("forecast_on"), width: 100, render: (row) => row.forecast_on ?? "—" },
    { key: "unit", title: of("unit"), width: 140, render: (row) => (row.unit ? plainName(shortNameOf(row.unit)) : "—") },
    { key: "task_force", title: of("task_force"), width: 150, render: (row) => (row.task_force ? plainName(shortNameOf(row.task_force)) : "—") },
  ];
  const isFiltered = Object.keys(conditions).length > 0;
  return (
    <>
      <Title text={t("milestones.title")} />
      <div className={css.tools}>
        <Segmented
          aria-label={t("milestones.state")}
          value={search.state ?? ""}
          options={[{ value: "", label: t("common:all") }, ...labels("MilestoneState").map((one) => ({ value: one.code, label: said(one) }))]}
          onChange={(state) => change({ state: state || null })}
        />
        <RefSelect kind="unit" value={search.unit_id ?? null} label={of("unit")} placeholder={of("unit")} style={{ width: 160 }} onChange={(id) => change({ unit_id: id })} />
        <RefSelect
          kind="task_force"
          value={search.task_force_id ?? null}
          label={of("task_force")}
          placeholder={of("task_force")}
          style={{ width: 160 }}
          onChange={(id) => change({ task_force_id: id })}
        />
        <FilterChips fields={fields.slice(1)} search={search} onChange={change} />
      </div>
      <RecordList
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("milestones.title")}
        href={(row) => `/projects/${row.project_id}`}
        card={(row) => (
          <CardLines
            title={<RecordName of={row.project} />}
            side={due(row)}
            lines={[[row.name, row.unit && plainName(shortNameOf(row.unit))].filter(Boolean).join(" · ")]}
          />
        )}
        note={pages.first?.count && t("milestones.count", { count: pages.first.count.value, shown: countText(pages.first.count) })}
        empty={<Empty title={t("milestones.empty")} />}
        onClear={isFiltered ? () => change(without(fields.flatMap(paramsOf))) : undefined}
      />
    </>
  );
}
