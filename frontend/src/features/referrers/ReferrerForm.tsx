import { App } from "antd";
import { api, type Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { type SheetField, SheetForm, type Values } from "@/shared/forms/SheetForm";
import { plainName } from "@/shared/RecordName";
import type { Referrer } from "./api";

type Registered = Schemas["ReferrerRegistered"];

interface Props {
  open: boolean;
  onClose: () => void;
  referrer?: Referrer;
  onDone?: (made: Registered) => void;
}

/** An official and an enterprise are chosen and keep their own names; the other kinds are named. */
export function ReferrerForm({ open, onClose, referrer, onDone }: Props) {
  const { t } = useTranslation("referrers");
  const { labels, field } = useMeta();
  const { message } = App.useApp();
  const of = (name: string) => said(field("referrer", name));
  const isNamed = (values: Values) => {
    const kind = referrer?.kind ?? values.kind;
    return Boolean(kind) && kind !== "official" && kind !== "enterprise";
  };
  const fields: SheetField[] = [
    ...(referrer
      ? []
      : ([
          {
            kind: "choice",
            name: "kind",
            label: of("kind"),
            required: true,
            options: labels("ReferrerKind").map((one) => ({ value: one.code, label: said(one) })),
          },
          { kind: "record", name: "official_id", label: of("official_id"), record: "official", required: true, when: (values) => values.kind === "official" },
          { kind: "record", name: "enterprise_id", label: of("enterprise_id"), record: "enterprise", required: true, when: (values) => values.kind === "enterprise" },
        ] satisfies SheetField[])),
    { kind: "text", name: "name", label: of("name"), required: true, when: isNamed },
    { kind: "text", name: "organization", label: of("organization") },
    { kind: "text", name: "appointment_no", label: of("appointment_no"), maxLength: 64 },
    ...(referrer ? [] : ([{ kind: "flag", name: "is_illustrative", label: of("is_illustrative") }] satisfies SheetField[])),
  ];
  return (
    <SheetForm<Registered>
      open={open}
      onClose={onClose}
      title={referrer ? t("edit") : t("new")}
      submit={referrer ? t("common:save") : t("new")}
      draft={`referrer.${referrer?.id ?? "new"}`}
      fields={fields}
      initial={referrer && { name: referrer.name, organization: referrer.organization, appointment_no: referrer.appointment_no }}
      version={referrer?.version}
      act={(values, changes, { header, headers }) =>
        referrer
          ? api.PATCH("/api/v1/referrers/{referrer_id}", {
              params: { path: { referrer_id: referrer.id }, header },
              body: changes as Schemas["ReferrerUpdate"],
            })
          : api.POST("/api/v1/referrers", {
              body: { ...values, is_illustrative: Boolean(values.is_illustrative) } as unknown as Schemas["ReferrerCreate"],
              headers,
            })
      }
      onDone={(made) => {
        if (made.warnings.length) {
          void message.warning(t("alike", { names: made.warnings.map((one) => plainName(one.name)).join(t("common:listSeparator")) }), 8);
        }
        onDone?.(made);
      }}
    />
  );
}
