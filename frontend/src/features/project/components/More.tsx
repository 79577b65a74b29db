import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown, type MenuProps } from "antd";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { queries } from "@/api/client";
import { said, type Texts, useTranslation } from "@/i18n";
import type { Project } from "../api";
import type { ActKey } from "./actSpecs";
import css from "./more.module.css";

export type MoreKey = ActKey | "move" | "undo" | "merge" | "print" | "moves";

type Acts = Texts["project"]["acts"];
type InMenu = { [Act in keyof Acts]: Acts[Act] extends { menu: string } ? Act : never }[keyof Acts];

/** Acts in the order of how often they are wanted; each with the right that opens it. */
const ACTS: readonly { key: InMenu; may: string; isDanger?: boolean; when?: (project: Project) => boolean }[] = [
  { key: "move", may: "move" },
  { key: "undo", may: "undo" },
  { key: "pause", may: "pause" },
  { key: "reactivate", may: "reactivate" },
  { key: "transfer", may: "transfer" },
  { key: "change_program", may: "change_program" },
  { key: "add_phase", may: "add_phase" },
  { key: "withdraw_phase", may: "correct_move", when: (project) => project.parent_id !== null },
  { key: "draft_deal", may: "draft_deal" },
  { key: "add_evidence", may: "add_evidence" },
  { key: "capacities", may: "edit" },
  { key: "moves", may: "correct_move" },
  { key: "dispute", may: "dispute" },
  { key: "rule", may: "rule" },
  { key: "merge", may: "merge" },
  { key: "terminate", may: "terminate", isDanger: true },
  { key: "reinstate", may: "reinstate" },
];

interface Props {
  project: Project;
  onAct: (key: MoreKey) => void;
}

/** «More»: what the person may do, each saying what it will do; what is not open is listed last, with why. */
export function More({ project, onAct }: Props) {
  const { t } = useTranslation("project");
  // Whether there is a dispute to rule on is asked once somebody who may rule looks.
  const [isOpen, setIsOpen] = useState(false);
  const talk = useQuery({
    ...queries.queryOptions("get", "/api/v1/projects/{project_id}/first-talk", { params: { path: { project_id: project.id } } }),
    enabled: isOpen && project.may.rule === null,
  });
  const hasDispute = talk.data?.disputes.some((dispute) => !dispute.ruling) ?? false;
  const acts = ACTS.filter((act) => (act.key === "rule" ? hasDispute || project.may.rule : (act.when?.(project) ?? true)));
  const open = acts.filter((act) => project.may[act.may as keyof typeof project.may] === null);
  const closed = acts.filter((act) => project.may[act.may as keyof typeof project.may]);
  const items: MenuProps["items"] = open.map((act) => ({
    key: act.key,
    danger: act.isDanger,
    label: (
      <span className={css.item}>
        {t(`acts.${act.key}.menu`)}
        <small>{t(`acts.${act.key}.short`)}</small>
      </span>
    ),
    onClick: () => onAct(act.key),
  }));
  if (closed.length) {
    items.push(
      { type: "divider" },
      {
        key: "closed",
        label: t("more.closed", { count: closed.length }),
        children: closed.map((act) => ({
          key: `closed-${act.key}`,
          disabled: true,
          label: (
            <span className={css.item}>
              {t(`acts.${act.key}.menu`)}
              <small>{said(project.may[act.may as keyof typeof project.may])}</small>
            </span>
          ),
        })),
      },
    );
  }
  return (
    <Dropdown menu={{ items, className: css.menu }} onOpenChange={setIsOpen} trigger={["click"]} placement="bottomRight">
      <Button aria-label={t("common:more")} title={t("common:more")} icon={<Ellipsis size={16} strokeWidth={1.75} aria-hidden="true" />} />
    </Dropdown>
  );
}
