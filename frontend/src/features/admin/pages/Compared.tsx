import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, textFor, useTranslation } from "@/i18n";
import { useNames } from "@/shared/filters/names";
import { Block } from "../parts";
import css from "../admin.module.css";

type Change = Schemas["ControlChangeRead"];
type State = Record<string, unknown>;

/** One value of a state that a change is about. */
interface Value {
  /** The same in the state before and in what is asked for. */
  path: string;
  label: string;
  text: string;
}

/** Returns a function that takes a state apart into its single values, each with the words for it. Which fields a state
 * has depends on the kind of the change. */
function useValues(ids: readonly string[]): (state: State) => Value[] {
  const { t } = useTranslation("admin");
  const { gate, label, stage } = useMeta();
  const unit = useNames(ids.map((id) => ({ kind: "unit" as const, id })));
  const named = (key: string) => textFor("admin:changes.fields", key);
  const stageName = (code: string) => {
    const found = stage(code);
    return found ? said({ zh: found.name_zh, en: found.name_en }) : code;
  };
  const text = (key: string, value: unknown): string => {
    if (value === null || value === undefined || value === "") return t("common:none");
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    if (Array.isArray(value)) return value.map((one) => text(key, one)).join(t("common:listSeparator")) || t("common:none");
    if (key === "unit_id" || key === "parent_id") return unit("unit", String(value));
    if (key === "order") return said(label("SourceOrder", String(value)));
    if (key === "value") return textFor("admin:settings.values", String(value));
    if (key === "secret") return t("changes.newSecret");
    return String(value);
  };
  const apart: Record<string, (value: never) => Value[]> = {
    limits: (limits: Schemas["LimitRead"][]) =>
      limits.map((one) => ({
        path: `limits.${one.kind}`,
        label: said(label("LimitKind", one.kind)),
        text: one.amount === null || !one.unit ? t("common:none") : `${one.amount} ${t(`common:unit.${one.unit}`, { count: one.amount })}`,
      })),
    gates: (gates: Schemas["GateSet"][]) =>
      gates.map((one) => ({ path: `gates.${one.code}`, label: said(gate(one.code)) || one.code, text: said(label("Strictness", one.strictness)) })),
    days: (days: Schemas["CalendarDay"][]) =>
      days.map((one) => ({ path: `days.${one.day}`, label: one.day, text: `${said(label("HolidayKind", one.kind))} ${one.name_zh}` })),
    parents: (parents: [string | null, string][]) =>
      parents.slice(-1).flatMap(([id, from]) => [
        { path: "parent_id", label: named("parent_id"), text: text("parent_id", id) },
        { path: "valid_from", label: named("valid_from"), text: from },
      ]),
    units: (units: Record<string, string>) => mapped("units", units, (code) => code),
    stages: (stages: Record<string, string>) => mapped("stages", stages, stageName),
  };
  const mapped = (key: string, pairs: Record<string, string>, name: (code: string) => string) =>
    Object.entries(pairs).map(([given, code]) => ({ path: `${key}.${given}`, label: `${named(key)} · ${given}`, text: name(code) }));
  return (state) =>
    Object.entries(state).flatMap(([key, value]) => apart[key]?.(value as never) ?? [{ path: key, label: named(key), text: text(key, value) }]);
}

function idsOf(state: State): string[] {
  const parents = (state.parents as [string | null, string][] | undefined) ?? [];
  return [state.unit_id, state.parent_id, ...parents.map(([id]) => id)].filter((id): id is string => typeof id === "string");
}

/** What a change would make of what there is: only what differs. */
export function Compared({ of }: { of: Change }) {
  const { t } = useTranslation("admin");
  const before = of.before as State;
  const asked = of.asked as State;
  const values = useValues([...new Set([...idsOf(before), ...idsOf(asked)])]);
  const old = new Map(values(before).map((one) => [one.path, one]));
  const wanted = new Map(values(asked).map((one) => [one.path, one]));
  // A gate that is not named stays as it is; whatever else is left out goes.
  const gone = [...old.values()].filter((one) => !wanted.has(one.path) && !one.path.startsWith("gates.") && one.path.split(".")[0]! in asked);
  const rows = [...wanted.values(), ...gone].filter((one) => old.get(one.path)?.text !== wanted.get(one.path)?.text);
  return (
    <Block title={t("changes.compare")}>
      {rows.length ? (
        <table className={css.grid}>
          <thead>
            <tr>
              <th />
              <th>{t("changes.before")}</th>
              <th>{t("changes.asked")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.path}>
                <td>{row.label}</td>
                <td>{old.get(row.path)?.text ?? t("common:none")}</td>
                <td className={css.strong}>{wanted.get(row.path)?.text ?? t("common:none")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className={css.note}>{t("changes.same")}</p>
      )}
    </Block>
  );
}
