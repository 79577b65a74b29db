/** «Move to…»: every stage with what a move there would meet; for the keyboard and the phone what a drag is for a mouse. */
import { useQuery } from "@tanstack/react-query";
import { Modal } from "antd";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { queries, type Schemas } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { said, useTranslation } from "@/i18n";
import { plainName } from "../RecordName";
import { Sheet } from "../Sheet";
import { StageRing } from "../StageTag";
import { QueryView, Skeleton } from "../StateView";
import type { Movable } from "./types";
import css from "./gates.module.css";

export type Target = Schemas["Target"];

export function targetsOf(projectId: string) {
  return {
    ...queries.queryOptions("get", "/api/v1/projects/{project_id}/targets", { params: { path: { project_id: projectId } } }),
    staleTime: 0,
  };
}

export interface Hint {
  title: string;
  text: string;
  tone: "open" | "lacking" | "back" | "closed";
}

/** Returns the function that says what a stage would answer: «移到这里 · 差 3 项门槛», before anything is done. */
export function useHint(): (target: Target) => Hint {
  const { t } = useTranslation("gates");
  return (target) => {
    if (target.refused) return { title: t("hint.closed"), text: said(target.refused), tone: "closed" };
    if (target.kind === "back") return { title: t("hint.back"), text: t("hint.backText"), tone: "back" };
    const count = target.blocks.length;
    const title = target.needs_catch_up ? t("hint.catchUp") : t("hint.forward");
    if (count) return { title, text: t(target.needs_catch_up ? "hint.lackingAll" : "hint.lacking", { count }), tone: "lacking" };
    const text = target.warnings.length ? t("hint.warned", { count: target.warnings.length }) : t("hint.met");
    return { title, text, tone: "open" };
  };
}

interface Props {
  project: Movable;
  onChoose: (target: Target) => void;
  onClose: () => void;
}

export function MoveMenu({ project, onChoose, onClose }: Props) {
  const { t } = useTranslation("gates");
  const isPhone = useIsPhone();
  const title = t("menu", { name: plainName(project.name) });
  const list = <Targets project={project} onChoose={onChoose} />;
  if (isPhone) {
    return (
      <Sheet open title={title} onClose={onClose}>
        {list}
      </Sheet>
    );
  }
  return (
    <Modal open title={title} footer={null} width={460} style={{ top: 90 }} onCancel={onClose}>
      {list}
    </Modal>
  );
}

function Targets({ project, onChoose }: Omit<Props, "onClose">) {
  const query = useQuery(targetsOf(project.id));
  return (
    <QueryView query={query} skeleton={<Skeleton rows={6} columns={1} />}>
      {(targets) => <List targets={targets} onChoose={onChoose} />}
    </QueryView>
  );
}

function List({ targets, onChoose }: { targets: Schemas["TargetsRead"]; onChoose: (target: Target) => void }) {
  const hint = useHint();
  const box = useRef<HTMLDivElement>(null);
  const ahead = targets.items.find((target) => target.kind === "forward" && !target.refused)?.to;
  useEffect(() => {
    const buttons = box.current?.querySelectorAll<HTMLElement>("button");
    const first = [...(buttons ?? [])].find((button) => button.dataset.to === ahead) ?? buttons?.[0];
    // After the dialog has taken the focus for itself.
    const timer = setTimeout(() => first?.focus(), 60);
    return () => clearTimeout(timer);
  }, [ahead]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const buttons = [...(box.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    buttons[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  };
  return (
    <div ref={box} className={css.targets} onKeyDown={onKeyDown}>
      {targets.items
        .filter((target) => target.to !== targets.stage)
        .map((target) => {
          const { text, tone } = hint(target);
          return (
            <button
              key={target.to}
              type="button"
              data-to={target.to}
              className={css.target}
              aria-disabled={tone === "closed"}
              onClick={() => tone !== "closed" && onChoose(target)}
            >
              <StageRing stage={target.to} />
              <span>{said(target)}</span>
              <small className={tone === "open" ? css.good : undefined}>{text}</small>
            </button>
          );
        })}
    </div>
  );
}
