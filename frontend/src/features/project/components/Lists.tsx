/** What hangs on a project: amounts with versions, deals, phases, evidence, contacts. */
import { Button } from "antd";
import { ChevronDown, ChevronRight, Plus } from "lucide-react";
import { Fragment, useState } from "react";
import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { StageTag } from "@/shared/StageTag";
import { To } from "@/shared/To";
import type { Project } from "../api";
import { versionsOf } from "../model";
import css from "./lists.module.css";

function Add({ may, text, onClick }: { may: Schemas["Reason-Output"] | null | undefined; text: string; onClick: () => void }) {
  if (may !== null) return null;
  return (
    <Button type="link" size="small" icon={<Plus size={13} strokeWidth={1.75} aria-hidden="true" />} onClick={onClick}>
      {text}
    </Button>
  );
}

export function Amounts({ project, onAdd }: { project: Project; onAdd: () => void }) {
  const { t } = useTranslation("project");
  const { label } = useMeta();
  const [open, setOpen] = useState<string | null>(null);
  const groups = versionsOf(project.amounts ?? []);
  const live = (project.deals ?? []).filter((deal) => deal.status === "live" && deal.agreed_amount);
  return (
    <Card title={t("amounts.title")} note={t("amounts.note")} extra={<Add may={project.may.add_amount} text={t("amounts.add")} onClick={onAdd} />}>
      <table className={css.table}>
        <thead>
          <tr>
            <th>{t("amounts.kind")}</th>
            <th className={css.right}>{t("common:unit.yi")}</th>
            <th>{t("amounts.from")}</th>
            <th>{t("amounts.source")}</th>
            <th className={css.right}>{t("amounts.versions")}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const key = `${group.kind} ${group.year ?? ""}`;
            const isOpen = open === key;
            const rows = isOpen ? group.rows : group.rows.slice(0, 1);
            return rows.map((row, index) => (
              <tr key={row.id} className={index ? css.old : undefined}>
                <td>{index === 0 && `${said(label("AmountKind", group.kind))}${group.year ? ` ${group.year}` : ""}`}</td>
                <td className={css.figure}>
                  <Money yuan={row.value} unit="yi" decimals={2} hasUnit={false} />
                </td>
                <td className="tabular">{row.effective_on}</td>
                <td>
                  {row.source}
                  {row.currency !== "CNY" && ` · ${row.original_amount} ${row.currency}`}
                </td>
                <td className={css.right}>
                  {index === 0 &&
                    (group.rows.length > 1 ? (
                      <button type="button" className={css.versions} aria-expanded={isOpen} onClick={() => setOpen(isOpen ? null : key)}>
                        {group.rows.length}
                        {isOpen ? <ChevronDown size={13} aria-hidden="true" /> : <ChevronRight size={13} aria-hidden="true" />}
                      </button>
                    ) : (
                      1
                    ))}
                </td>
              </tr>
            ));
          })}
          {live.map((deal) => (
            <tr key={deal.id}>
              <td>{t("agreed")}</td>
              <td className={css.figure}>
                <Money yuan={deal.agreed_amount} unit="yi" decimals={2} hasUnit={false} />
              </td>
              <td className="tabular">{deal.signed_on}</td>
              <td>
                {deal.agreement_no} <To href={`/deals?open=${deal.id}`}>{deal.code}</To>
              </td>
              <td className={css.right}>1</td>
            </tr>
          ))}
          {!groups.length && !live.length && (
            <tr>
              <td colSpan={5} className={css.none}>
                {t("amounts.none")}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </Card>
  );
}

export function Deals({ project, onDraft }: { project: Project; onDraft: () => void }) {
  const { t } = useTranslation("project");
  const { label } = useMeta();
  const deals = project.deals ?? [];
  return (
    <Card title={t("deals.title")} extra={<Add may={project.may.draft_deal} text={t("deals.draft")} onClick={onDraft} />}>
      {deals.length === 0 && <p className={css.none}>{t("deals.none")}</p>}
      <ul className={css.list}>
        {deals.map((deal) => (
          <li key={deal.id}>
            <div>
              <To href={`/deals?open=${deal.id}`}>{plainName(deal.title)}</To>
              <small>
                {[deal.code, said(label("DealKind", deal.kind)), deal.agreement_no, deal.signed_on].filter(Boolean).join(" · ")}
                {deal.gates_missing && deal.gates_missing.length > 0 && (
                  <span className={css.warn}>{t("deals.missing", { what: deal.gates_missing.map(said).join(t("common:listSeparator")) })}</span>
                )}
              </small>
            </div>
            <span className={deal.status === "live" ? css.ok : css.soft}>{said(label("DealStatus", deal.status))}</span>
            <Money yuan={deal.agreed_amount} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function Phases({ project, onAdd }: { project: Project; onAdd: () => void }) {
  const { t } = useTranslation("project");
  const { label } = useMeta();
  if (!project.is_parent && !project.phases.length) return null;
  return (
    <Card title={t("phases.title")} note={t("phases.note")} extra={<Add may={project.may.add_phase} text={t("phases.add")} onClick={onAdd} />}>
      <ul className={css.list}>
        {project.phases.map((phase) => (
          <li key={phase.id}>
            <div>
              <To href={`/projects/${phase.id}`}>
                <RecordName of={phase} />
              </To>
              <small>
                {[
                  t("phases.number", { number: phase.phase_no }),
                  said(label("PhaseRelation", phase.relation)),
                  phase.code,
                  phase.continues_parent && t("phases.continues"),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </div>
            <StageTag stage={phase.stage} />
            <Money yuan={phase.planned_total} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

type EvidenceRow = Schemas["EvidenceRead"];

export function Evidence({ project, onAdd, onVoid }: { project: Project; onAdd: () => void; onVoid: (row: EvidenceRow) => void }) {
  const { t } = useTranslation("project");
  const { evidenceKind } = useMeta();
  const rows = project.evidence ?? [];
  const name = (code: string) => {
    const kind = evidenceKind(code);
    return kind ? said({ zh: kind.name_zh, en: kind.name_en }) : code;
  };
  return (
    <Card title={t("evidence.title")} note={t("evidence.note")} extra={<Add may={project.may.add_evidence} text={t("evidence.add")} onClick={onAdd} />}>
      {rows.length === 0 && <p className={css.none}>{t("evidence.none")}</p>}
      <ul className={css.list}>
        {rows.map((row) => (
          <li key={row.id} className={row.voided_at ? css.void : undefined}>
            <div>
              <span>
                {name(row.kind)}
                {row.is_not_needed && t("evidence.notNeeded")}
              </span>
              <small>
                {[row.document_no, row.issuer, row.note, row.reason, row.void_reason && t("evidence.voided", { reason: row.void_reason })]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </div>
            <span className="tabular">{row.on}</span>
            {project.may.add_evidence === null && !row.voided_at ? (
              <Button type="link" size="small" aria-label={t("evidence.voidOf", { what: name(row.kind) })} onClick={() => onVoid(row)}>
                {t("evidence.void")}
              </Button>
            ) : (
              <span />
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function Contacts({ project, onAdd }: { project: Project; onAdd: () => void }) {
  const { t } = useTranslation("project");
  const contacts = project.contacts ?? [];
  if (!contacts.length && project.may.add_contact !== null) return null;
  return (
    <Card title={t("contacts.title")} note={t("contacts.note")} extra={<Add may={project.may.add_contact} text={t("contacts.add")} onClick={onAdd} />}>
      {contacts.length === 0 && <p className={css.none}>{t("contacts.none")}</p>}
      <ul className={css.list}>
        {contacts.map((contact) => (
          <Fragment key={contact.id}>
            <li>
              <div>
                <span>{plainName(contact.name)}</span>
                <small>{[contact.title, contact.purpose, t("contacts.until", { day: contact.keep_until })].filter(Boolean).join(" · ")}</small>
              </div>
              <span className="tabular">{contact.phone_masked}</span>
              <span>{contact.email_masked}</span>
            </li>
          </Fragment>
        ))}
      </ul>
    </Card>
  );
}
