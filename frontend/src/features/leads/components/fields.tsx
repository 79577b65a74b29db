/** The fields of a lead, as its registration and its editing show them. */
import { Form, Input, Segmented } from "antd";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { IndustrySelect } from "@/shared/forms/IndustrySelect";
import { EnumSelect, TaskForceSelect, UnitSelect } from "@/shared/forms/choosers";
import { type Investor, InvestorField } from "@/shared/forms/InvestorField";
import { MoneyField } from "@/shared/MoneyField";
import { RefSelect } from "@/shared/RefSelect";
import { ReferrerField } from "./ReferrerField";
import css from "./form.module.css";

export type LeadValues = Omit<Schemas["LeadCreate"], "investor_name"> & { investor?: Investor | null };

/** Returns the body of a write: no field that nothing was typed in. */
export function filled<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "")) as T;
}

function useItem() {
  const { field } = useMeta();
  return (name: keyof LeadValues, children: ReactNode, options: { wide?: boolean; required?: boolean; extra?: ReactNode; code?: string } = {}) => (
    <Form.Item
      key={name}
      name={name}
      label={titled(field("lead", options.code ?? name))}
      className={options.wide ? css.wide : undefined}
      required={options.required}
      extra={options.extra}
    >
      {children}
    </Form.Item>
  );
}

export function NameField({ autoFocus }: { autoFocus?: boolean }) {
  const item = useItem();
  const { t } = useTranslation("leads");
  return item("name", <Input autoFocus={autoFocus} autoComplete="off" placeholder={t("form.namePlaceholder")} />, { required: true });
}

export function MainFields({ isNew, referrer, investor }: { isNew?: boolean; referrer?: Schemas["Ref"] | null; investor?: Schemas["Ref"] | null }) {
  const item = useItem();
  const { t } = useTranslation("leads");
  return (
    <div className={css.grid}>
      {isNew
        ? item("investor", <InvestorField placeholder={t("form.investorPlaceholder")} />, { wide: true, code: "investor_id", extra: t("form.contactExtra") })
        : item("investor_id", <RefSelect kind="enterprise" known={investor} />, { wide: true })}
      {item("channel", <EnumSelect of="Channel" allowClear={false} />, { required: true })}
      {item("referrer_id", <ReferrerField known={referrer} />)}
      {isNew && item("first_unit_id", <UnitSelect allowClear={false} />, { required: true, extra: t("form.firstUnitExtra") })}
      {item("industry_code", <IndustrySelect />)}
      {item("estimate_from", <MoneyField />, { extra: t("form.estimateExtra") })}
      {item("estimate_to", <MoneyField />)}
      {item("description", <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} />, { wide: true })}
    </div>
  );
}

export function MoreFields() {
  const item = useItem();
  const { label } = useMeta();
  const options = (["internal", "sensitive"] as const).map((value) => ({ value, label: titled(label("Confidentiality", value)) }));
  return (
    <div className={css.grid}>
      {item("place_unit_id", <UnitSelect kinds={["district", "zone"]} />)}
      {item("unit_id", <UnitSelect />)}
      {item("task_force_id", <TaskForceSelect />)}
      {item("program", <EnumSelect of="Program" allowClear={false} />)}
      {item("occasion", <Input autoComplete="off" />, { wide: true })}
      {item("land_area", <Input inputMode="decimal" autoComplete="off" />)}
      {item("plant_area", <Input inputMode="decimal" autoComplete="off" />)}
      {item("energy_use", <Input inputMode="decimal" autoComplete="off" />)}
      {item("energy_note", <Input autoComplete="off" />)}
      {item("confidentiality", <Segmented options={options} />)}
      {item("source", <Input autoComplete="off" />)}
    </div>
  );
}
