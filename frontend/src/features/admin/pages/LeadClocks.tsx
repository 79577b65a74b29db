import { Button, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMe, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { FormSheet } from "@/shared/FormSheet";
import { QueryView } from "@/shared/StateView";
import { ReasonItem, useSayDone } from "../parts";
import css from "../admin.module.css";

type Clock = Schemas["LeadClockRead"];

export default function LeadClocks() {
  const { t } = useTranslation("admin");
  const me = useMe();
  const found = queries.useQuery("get", "/api/v1/lead-clocks");
  const [open, setOpen] = useState<Clock | null>(null);
  const mayEdit = me.permissions.some((one) => one.code === "edit_stages");
  return (
    <>
      <p className={css.intro}>{t("clocks.intro")}</p>
      <QueryView query={found}>
        {(clocks) => (
          <div className={css.two}>
            {clocks.map((clock) => (
              <Card
                key={clock.code}
                title={said(clock)}
                extra={
                  mayEdit && (
                    <Button type="link" size="small" onClick={() => setOpen(clock)}>
                      {t("common:edit")}
                    </Button>
                  )
                }
              >
                <b className={css.figure}>{clock.amount}</b> <span className={css.quiet}>{t(`common:unit.${clock.unit}`, { count: clock.amount })}</span>
                <p className={css.note}>{clock.source}</p>
              </Card>
            ))}
          </div>
        )}
      </QueryView>
      {open && <ClockForm clock={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function ClockForm({ clock, onClose }: { clock: Clock; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const done = useSayDone();
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Schemas["LeadClockSet"], Clock | Schemas["ControlChangeRead"]>
      isShort
      title={said(clock)}
      note={t("stages.note")}
      version={clock.version}
      initial={{ amount: clock.amount, source: clock.source }}
      submit={t("common:save")}
      act={(body, { header }) => api.PUT("/api/v1/lead-clocks/{code}", { params: { path: { code: clock.code }, header }, body })}
      onDone={done}
      onClose={onClose}
    >
      <Form.Item name="amount" label={t("clocks.amount", { unit: said(label("LimitUnit", clock.unit)) })} rules={required}>
        <InputNumber min={1} precision={0} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="source" label={t("source")} rules={required}>
        <Input />
      </Form.Item>
      <ReasonItem isOptional hint={t("reasonHint")} />
    </FormSheet>
  );
}
