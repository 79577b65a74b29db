import { api, type Schemas } from "@/api/client";
import { useMe, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { type SheetField, SheetForm } from "@/shared/forms/SheetForm";
import { To } from "@/shared/To";
import type { Enterprise } from "../api";
import css from "../enterprises.module.css";

type Create = Schemas["EnterpriseCreate"];
type Update = Schemas["EnterpriseUpdate"];
type Read = Schemas["EnterpriseRead"];

interface Props {
  open: boolean;
  onClose: () => void;
  /** To edit; without it a new one is registered. */
  enterprise?: Enterprise;
  onDone?: (made: Read) => void;
}

export function EnterpriseForm({ open, onClose, enterprise, onDone }: Props) {
  const { t } = useTranslation("enterprises");
  const { labels, field } = useMeta();
  const me = useMe();
  const of = (name: string) => said(field("enterprise", name));
  const choices = (kind: "Origin" | "Ownership") => labels(kind).map((one) => ({ value: one.code, label: said(one) }));
  const isForeign = (values: Record<string, unknown>) => values.origin === "overseas" || Boolean(values.country);
  const fields: SheetField[] = [
    { kind: "text", name: "name", label: of("name"), required: true },
    { kind: "text", name: "twin_ruling", label: t("twinRuling"), hint: t("twinHint"), onlyIfRefused: (problem) => problem.code === "enterprise_twins" },
    { kind: "choice", name: "origin", label: of("origin"), options: choices("Origin") },
    { kind: "text", name: "credit_code", label: of("credit_code"), maxLength: 18, when: (values) => !isForeign(values) || Boolean(values.credit_code) },
    { kind: "text", name: "country", label: of("country"), hint: t("countryHint"), maxLength: 2, when: isForeign },
    { kind: "text", name: "registration_no", label: of("registration_no"), maxLength: 64, when: isForeign },
    { kind: "record", name: "parent_id", label: of("parent_id"), record: "enterprise", known: enterprise?.parent },
    { kind: "choice", name: "ownership", label: of("ownership"), options: choices("Ownership") },
    { kind: "industry", name: "industry_code", label: of("industry_code") },
    { kind: "text", name: "registered_place", label: of("registered_place") },
    { kind: "text", name: "headquarters", label: of("headquarters") },
    { kind: "text", name: "source", label: of("source") },
    ...(!enterprise && me.sees_all ? [{ kind: "flag" as const, name: "is_illustrative", label: of("is_illustrative") }] : []),
  ];
  const initial = enterprise && Object.fromEntries(fields.map(({ name }) => [name, enterprise[name as keyof Enterprise]]));
  return (
    <SheetForm<Read>
      open={open}
      onClose={onClose}
      title={enterprise ? t("edit") : t("new")}
      submit={enterprise ? t("common:save") : t("new")}
      fields={fields}
      initial={initial}
      draft={`enterprise.${enterprise?.id ?? "new"}`}
      version={enterprise?.version}
      act={(values, changes, { header, headers }) =>
        enterprise
          ? api.PATCH("/api/v1/enterprises/{enterprise_id}", {
              params: { path: { enterprise_id: enterprise.id }, header },
              body: changes as Update,
            })
          : api.POST("/api/v1/enterprises", { body: { ...values, is_illustrative: Boolean(values.is_illustrative) } as Create, headers })
      }
      refused={(problem) => (
        <ul className={css.twins}>
          {(problem.document.candidates ?? []).map(
            (candidate) =>
              candidate.id && (
                <li key={candidate.id}>
                  <To href={`/enterprises/${candidate.id}`}>{candidate.name}</To>
                </li>
              ),
          )}
        </ul>
      )}
      onDone={onDone}
    />
  );
}
