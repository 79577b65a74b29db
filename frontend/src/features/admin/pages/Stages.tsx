import { Button, Form, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMe, useMeta } from "@/app/who";
import { said, type Translate, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { FormSheet } from "@/shared/FormSheet";
import { StageRing } from "@/shared/StageTag";
import { QueryView } from "@/shared/StateView";
import { ReasonItem, State, useSayDone } from "../parts";
import css from "../admin.module.css";

type Stage = Schemas["StageRead"];

/** Stages with their limits and gates: what is loosened waits for another person's word. */
export default function Stages() {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const me = useMe();
  const found = queries.useQuery("get", "/api/v1/pipeline/stages");
  const [open, setOpen] = useState<Stage | null>(null);
  const mayEdit = me.permissions.some((one) => one.code === "edit_stages");
  return (
    <>
      <p className={css.intro}>{t("stages.intro")}</p>
      <QueryView query={found}>
        {(stages) => (
          <div className={css.two}>
            {stages.map((stage) => (
              <Card
                key={stage.code}
                title={
                  <>
                    <StageRing stage={stage.code} /> {said({ zh: stage.name_zh, en: stage.name_en })}
                  </>
                }
                note={stage.limits.map((one) => limitText(one, label, t)).join(t("common:listSeparator")) || t("stages.noLimit")}
                extra={
                  mayEdit && (
                    <Button type="link" size="small" onClick={() => setOpen(stage)}>
                      {t("common:edit")}
                    </Button>
                  )
                }
              >
                {stage.gates.length ? (
                  <ul className={css.lines}>
                    {stage.gates.map((gate) => (
                      <li key={gate.code}>
                        <span>{said(gate)}</span>
                        <State tone={gate.strictness === "warn" ? "soon" : "plain"}>{said(label("Strictness", gate.strictness))}</State>
                      </li>
                    ))}
                  </ul>
                ) : (
                  <p className={css.quiet}>{t("stages.noGate")}</p>
                )}
              </Card>
            ))}
          </div>
        )}
      </QueryView>
      {open && <StageForm stage={open} onClose={() => setOpen(null)} />}
    </>
  );
}

type Labels = ReturnType<typeof useMeta>["label"];

function limitText(limit: Schemas["LimitRead"], label: Labels, t: Translate<"admin">): string {
  const size = limit.amount === null || !limit.unit ? "" : ` ${limit.amount} ${t(`common:unit.${limit.unit}`, { count: limit.amount })}`;
  return said(label("LimitKind", limit.kind)) + size;
}

interface Values {
  name_zh: string;
  name_en: string;
  limits: Record<string, { amount: number | null; unit: Schemas["LimitUnit"] | null }>;
  gates: Record<string, Schemas["Strictness"]>;
  reason?: string;
}

function StageForm({ stage, onClose }: { stage: Stage; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const { label, labels } = useMeta();
  const done = useSayDone();
  const units = labels("LimitUnit").map((one) => ({ value: one.code, label: said(one) }));
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormSheet<Values, Stage | Schemas["ControlChangeRead"]>
      title={t("stages.edit", { name: said({ zh: stage.name_zh, en: stage.name_en }) })}
      note={t("stages.note")}
      version={stage.version}
      initial={{
        name_zh: stage.name_zh,
        name_en: stage.name_en,
        limits: Object.fromEntries(stage.limits.map((one) => [one.kind, { amount: one.amount, unit: one.unit }])),
        gates: Object.fromEntries(stage.gates.map((one) => [one.code, one.strictness])),
      }}
      submit={t("common:save")}
      act={(values, { header }) =>
        api.PUT("/api/v1/pipeline/stages/{code}", {
          params: { path: { code: stage.code }, header },
          body: {
            name_zh: values.name_zh,
            name_en: values.name_en,
            limits: stage.limits.map((one) => ({ kind: one.kind, ...values.limits?.[one.kind] })),
            gates: stage.gates
              .filter((one) => !one.is_fixed && values.gates?.[one.code] && values.gates[one.code] !== one.strictness)
              .map((one) => ({ code: one.code, strictness: values.gates[one.code]! })),
            reason: values.reason || null,
          },
        })
      }
      onDone={done}
      onClose={onClose}
      width={560}
    >
      <Form.Item name="name_zh" label={t("stages.nameZh")} rules={required}>
        <Input />
      </Form.Item>
      <Form.Item name="name_en" label={t("stages.nameEn")} rules={required}>
        <Input />
      </Form.Item>
      {stage.limits
        .filter((one) => one.unit !== null)
        .map((one) => (
          <Form.Item key={one.kind} label={said(label("LimitKind", one.kind))} required>
            <div className={css.pair}>
              <Form.Item name={["limits", one.kind, "amount"]} noStyle rules={required}>
                <InputNumber min={1} precision={0} style={{ width: "100%" }} aria-label={said(label("LimitKind", one.kind))} />
              </Form.Item>
              <Form.Item name={["limits", one.kind, "unit"]} noStyle>
                <Select options={units} style={{ width: 120 }} aria-label={t("stages.unit")} />
              </Form.Item>
            </div>
          </Form.Item>
        ))}
      {stage.gates.map((gate) => (
        <Form.Item key={gate.code} name={["gates", gate.code]} label={said(gate)} extra={gate.is_fixed ? t("stages.fixed") : undefined} required>
          <Segmented
            disabled={gate.is_fixed}
            options={labels("Strictness").map((one) => ({ value: one.code, label: said(one) }))}
          />
        </Form.Item>
      ))}
      <ReasonItem isOptional hint={t("reasonHint")} />
    </FormSheet>
  );
}
