import { Button } from "antd";
import { Check, ChevronUp, FilePlus, Hash, PenLine, TriangleAlert, UserPlus, X } from "lucide-react";
import { useState } from "react";
import { said, useTranslation } from "@/i18n";
import { plainName } from "../RecordName";
import { Refusal } from "../Refusal";
import { To } from "../To";
import { ActForm } from "./ActForm";
import { type Gate, type GateAct, groupsOf, headOf } from "./types";
import css from "./gates.module.css";

const ICONS: Record<string, typeof FilePlus> = {
  update_project: Hash,
  add_follow_up: PenLine,
  appoint_leader: UserPlus,
  set_team: UserPlus,
};

interface Props {
  gate: Gate;
  project: { id: string; version: number };
  /** For the act that gives the move another day, which is the reader's to give. */
  onOtherDay?: () => void;
}

/** One gate: what met it, or what is missing and the acts that would supply it; the form of an act opens in place. */
export function GateItem({ gate, project, onOtherDay }: Props) {
  const { t } = useTranslation("gates");
  const [open, setOpen] = useState<string | null>(null);
  const state = gate.is_met ? "met" : gate.strictness === "block" ? "unmet" : "warned";
  const offered = groupsOf(gate.acts.filter((act) => act.may === null));
  const refused = !offered.length ? gate.acts.find((act) => act.may) : undefined;
  const opened = offered.find((group) => keyOf(group) === open);
  const Sign = gate.is_met ? Check : gate.strictness === "block" ? X : TriangleAlert;

  return (
    <li className={css.gate}>
      <span className={`${css.sign} ${css[state]}`} role="img" aria-label={t(`state.${state}`)}>
        <Sign size={13} strokeWidth={1.75} aria-hidden="true" />
      </span>
      <div className={css.what}>
        <strong>{said(gate)}</strong>
        <p>
          {gate.is_met ? <MetBy gate={gate} /> : said({ zh: gate.missing_zh ?? "", en: gate.missing_en ?? "" })}
          {state === "warned" && <span className={css.soft}>{t("warnOnly")}</span>}
          {state === "unmet" && gate.is_fixed && <span className={css.soft}>{t("fixed")}</span>}
        </p>
        <Refusal of={refused?.may} className={css.refused} />
        {refused?.operation === "approve_deal" && (
          <To className={css.link} href={draftOf(refused)}>
            {t("openDraft")}
          </To>
        )}
      </div>
      {!gate.is_met && (
        <div className={css.acts}>
          {offered.map((group) => (
            <ActButton
              key={keyOf(group)}
              group={group}
              isAlone={offered.length === 1}
              isOpen={group === opened}
              onOtherDay={onOtherDay}
              onToggle={() => setOpen(group === opened ? null : keyOf(group))}
            />
          ))}
        </div>
      )}
      {opened && !gate.is_met && (
        <div className={css.place} ref={(element) => void element?.scrollIntoView({ block: "nearest" })}>
          <ActForm key={open} acts={opened} project={project} onDone={() => setOpen(null)} />
        </div>
      )}
    </li>
  );
}

/** Returns the page of the draft that an approval is of: there it is submitted, too. */
function draftOf(act: GateAct): string {
  return `/deals?open=${act.path.split("/").at(-2)}`;
}

function keyOf(group: readonly GateAct[]): string {
  return `${group[0]!.operation} ${group[0]!.path} ${String(group[0]!.body.kind ?? "")}`;
}

interface ActProps {
  group: readonly GateAct[];
  isAlone: boolean;
  isOpen: boolean;
  onToggle: () => void;
  onOtherDay?: () => void;
}

function ActButton({ group, isAlone, isOpen, onToggle, onOtherDay }: ActProps) {
  const { t } = useTranslation("gates");
  const act = group[0]!;
  const text = isAlone ? headOf(said(act)) : said(act);
  if (act.operation === "approve_deal") {
    return (
      <To className={css.link} href={draftOf(act)}>
        {said(act)}
      </To>
    );
  }
  if (act.operation === "move_project") {
    return onOtherDay ? (
      <Button size="small" onClick={onOtherDay}>
        {said(act)}
      </Button>
    ) : null;
  }
  const Icon = isOpen ? ChevronUp : (ICONS[act.operation] ?? FilePlus);
  return (
    <Button
      size="small"
      aria-expanded={isOpen}
      title={said(act)}
      icon={<Icon size={13} strokeWidth={1.75} aria-hidden="true" />}
      onClick={onToggle}
    >
      {isOpen ? t("fold") : text}
    </Button>
  );
}

function MetBy({ gate }: { gate: Gate }) {
  const { t } = useTranslation("gates");
  const by = gate.met_by;
  if (!by) return <>{t("state.met")}</>;
  const parts = [plainName(said(by)), by.document_no, by.issuer, by.on].filter(Boolean);
  const text = parts.join(" · ");
  return by.type === "deal" && by.id ? <To href={`/deals?open=${by.id}`}>{text}</To> : <>{text}</>;
}
