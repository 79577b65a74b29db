import { Button, Checkbox, Form, Input, Select } from "antd";
import { ChevronLeft, ChevronRight, Plus, X } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { DayField } from "@/shared/DayField";
import { FormSheet } from "@/shared/FormSheet";
import { Empty, QueryView } from "@/shared/StateView";
import { Bar, ReasonItem, State, useSayDone } from "../parts";
import css from "../admin.module.css";

type Year = Schemas["CalendarRead"];

export default function Calendar() {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const me = useMe();
  const today = useToday();
  const [search, change] = usePageSearch();
  const [isOpen, setIsOpen] = useState(false);
  const year = Number(search.year ?? today.slice(0, 4));
  const found = queries.useQuery("get", "/api/v1/calendars/{year}", { params: { path: { year } } });
  const mayEdit = me.permissions.some((one) => one.code === "edit_calendar");
  return (
    <>
      <Bar
        acts={
          mayEdit &&
          found.data && (
            <Button type="primary" onClick={() => setIsOpen(true)}>
              {t("common:edit")}
            </Button>
          )
        }
      >
        <Button type="text" aria-label={t("calendar.before")} icon={<ChevronLeft size={15} strokeWidth={1.75} />} onClick={() => change({ year: year - 1 })} />
        <b className={css.figure}>{year}</b>
        <Button type="text" aria-label={t("calendar.after")} icon={<ChevronRight size={15} strokeWidth={1.75} />} onClick={() => change({ year: year + 1 })} />
        {found.data?.is_provisional && <State tone="soon">{t("calendar.provisional")}</State>}
        <span className={css.quiet}>{found.data?.source}</span>
      </Bar>
      <QueryView query={found}>
        {(one) =>
          one.days.length ? (
            <div className={css.two}>
              {runs(one.days).map((run) => (
                <Card key={run[0]!.day} title={run[0]!.name_zh} note={said(label("HolidayKind", run[0]!.kind))}>
                  <p className="tabular">
                    {run[0]!.day}
                    {run.length > 1 && ` — ${run.at(-1)!.day}`}
                  </p>
                  <p className={css.note}>{run.length} {t("common:unit.day", { count: run.length })}</p>
                </Card>
              ))}
            </div>
          ) : (
            <Card>
              <Empty title={t("calendar.empty")} text={t("calendar.emptyText")} />
            </Card>
          )
        }
      </QueryView>
      {isOpen && found.data && <YearForm of={found.data} onClose={() => setIsOpen(false)} />}
    </>
  );
}

/** Days of one name and kind that follow each other, together. */
function runs(days: readonly Schemas["CalendarDay"][]): Schemas["CalendarDay"][][] {
  const found: Schemas["CalendarDay"][][] = [];
  for (const day of days) {
    const last = found.at(-1);
    const before = last?.at(-1);
    const follows = before && before.name_zh === day.name_zh && before.kind === day.kind && Date.parse(day.day) - Date.parse(before.day) <= 3 * 86_400_000;
    if (follows) last!.push(day);
    else found.push([day]);
  }
  return found;
}

function YearForm({ of, onClose }: { of: Year; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { labels } = useMeta();
  const done = useSayDone();
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Schemas["CalendarSet"], Year | Schemas["ControlChangeRead"]>
      title={t("calendar.edit", { year: of.year })}
      note={t("calendar.note")}
      draft={`calendar.${of.year}`}
      version={of.version}
      initial={{ days: of.days, source: of.source ?? "", is_provisional: of.is_provisional }}
      submit={t("common:save")}
      act={(body, { header }) => api.PUT("/api/v1/calendars/{year}", { params: { path: { year: of.year }, header }, body: { ...body, days: body.days ?? [] } })}
      onDone={done}
      onClose={onClose}
      width={600}
    >
      <Form.Item name="source" label={t("source")} rules={required}>
        <Input />
      </Form.Item>
      <Form.Item name="is_provisional" valuePropName="checked">
        <Checkbox>{t("calendar.provisional")}</Checkbox>
      </Form.Item>
      <Form.List name="days">
        {(fields, { add, remove }) => (
          <div className={css.stack}>
            {fields.map((field) => (
              <div key={field.key} className={css.pair}>
                <Form.Item name={[field.name, "day"]} noStyle rules={required}>
                  <DayField label={t("calendar.day")} min={`${of.year}-01-01`} max={`${of.year}-12-31`} style={{ width: 140 }} />
                </Form.Item>
                <Form.Item name={[field.name, "kind"]} noStyle rules={required}>
                  <Select aria-label={t("calendar.kind")} style={{ width: 120 }} options={labels("HolidayKind").map((one) => ({ value: one.code, label: said(one) }))} />
                </Form.Item>
                <Form.Item name={[field.name, "name_zh"]} noStyle rules={required}>
                  <Input aria-label={t("calendar.name")} placeholder={t("calendar.name")} />
                </Form.Item>
                <Button type="text" aria-label={t("drop")} icon={<X size={14} strokeWidth={1.75} />} onClick={() => remove(field.name)} />
              </div>
            ))}
            <Button icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => add({ kind: "off" })}>
              {t("calendar.add")}
            </Button>
          </div>
        )}
      </Form.List>
      <ReasonItem isOptional hint={t("reasonHint")} />
    </FormSheet>
  );
}
