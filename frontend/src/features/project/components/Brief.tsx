/** The one-page brief: what is printed in place of the page. Figures, dates and tables alone. */
import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import type { Schemas } from "@/api/client";
import { useMe, useMeta, useToday } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { fen, shown, unitOf, withUnit } from "@/shared/money";
import type { Project } from "../api";
import { useStageName, useSteps } from "./Stepper";
import css from "./brief.module.css";

export function Brief({ project }: { project: Project }) {
  const { t } = useTranslation("project");
  const { label } = useMeta();
  const me = useMe();
  const today = useToday();
  const name = useStageName();
  const client = useQueryClient();
  const steps = useSteps(project);
  // The timeline as it was read for the page; looked up when the print begins.
  const [, redraw] = useState(0);
  useEffect(() => {
    const onPrint = () => flushSync(() => redraw((count) => count + 1));
    window.addEventListener("beforeprint", onPrint);
    return () => window.removeEventListener("beforeprint", onPrint);
  }, []);
  const read = client.getQueryData<InfiniteData<Schemas["Page_ActivityItem_"]>>(["activity", "project", project.id, ""]);
  const last = (read?.pages ?? []).flatMap((page) => page.items).slice(0, 5);
  const five = project.five_ones;
  const lacking = (project.gates?.gates ?? []).filter((gate) => !gate.is_met);
  const next = (five?.plan?.milestones ?? []).filter((one) => !one.actual_on).slice(0, 4);
  const agreed = (project.deals ?? []).find((deal) => deal.status === "live" && deal.agreed_amount)?.agreed_amount ?? null;
  const money = (yuan: string | null) => {
    if (!yuan) return t("common:notFilled");
    const unit = unitOf(fen(yuan));
    return withUnit(shown(fen(yuan), unit, unit === "yi" ? 2 : 0), t(`common:unit.${unit}`));
  };
  const people = {
    project: project.unit ? nameOf(project.unit) : t("noUnit"),
    leader: five?.leader ? five.leader.official_name : "",
    team: five?.team
      ? `${t("five.leads", { unit: shortNameOf(five.team.lead_unit) })}，${t("five.team", { leader: nameOf(five.team.leader), count: five.team.members.length })}`
      : "",
    plan: five?.plan ? t("five.version", { number: five.plan.number }) : "",
    followed_through: five?.continuity.rate ? `${Math.round(Number(five.continuity.rate) * 1000) / 10}%` : "",
  };
  return (
    <article className={css.brief}>
      <h1>{nameOf(project)}</h1>
      <p className={css.sub}>
        {[project.code, said(label("Program", project.program)), said(label("Status", project.status)), project.task_force && nameOf(project.task_force), project.investor && nameOf(project.investor)]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <table>
        <tbody>
          <tr>
            <th>{t("plannedTotal")}</th>
            <td>{money(project.planned_total)}</td>
            <th>{t("agreed")}</th>
            <td>{money(agreed)}</td>
          </tr>
          <tr>
            <th>{t("brief.stage")}</th>
            <td>
              {name(project.stage)}，{t("common:clock.inStage", { count: project.days_in_stage })}
            </td>
            <th>{t("brief.due")}</th>
            <td>{project.due_on ?? t("common:clock.noLimit")}</td>
          </tr>
        </tbody>
      </table>
      <p className={css.line}>
        {steps
          .filter((step) => step.state !== "skipped" && (step.state !== "ahead" || step.on))
          .map((step) => `${name(step.stage)} ${step.state === "ahead" ? t("planned", { day: step.on }) : (step.on ?? "")}`)
          .join(" → ")}
      </p>
      <h2>{t("five.title")}</h2>
      <table>
        <tbody>
          {five?.ones.map((one) => (
            <tr key={one.code}>
              <th>{said(one)}</th>
              <td>
                {people[one.code]} {one.missing_zh && said({ zh: one.missing_zh, en: one.missing_en ?? "" })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lacking.length > 0 && project.gates?.to && (
        <>
          <h2>{t("brief.lacking", { stage: name(project.gates.to) })}</h2>
          <ul>
            {lacking.map((gate) => (
              <li key={gate.code}>
                {said(gate)}：{said({ zh: gate.missing_zh ?? "", en: gate.missing_en ?? "" })}
              </li>
            ))}
          </ul>
        </>
      )}
      {next.length > 0 && (
        <>
          <h2>{t("brief.milestones")}</h2>
          <p className={css.line}>{next.map((one) => `${one.name} ${one.forecast_on ?? one.planned_on}`).join("；")}</p>
        </>
      )}
      <h2>{t("brief.timeline")}</h2>
      <table>
        <tbody>
          {last.map((item) => (
            <tr key={item.id}>
              <th>{item.on ?? item.at.slice(0, 10)}</th>
              <td>
                {said(item)}
                {item.body && `：${said(item.body)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer>{t("brief.foot", { who: me.name, day: today })}</footer>
    </article>
  );
}
