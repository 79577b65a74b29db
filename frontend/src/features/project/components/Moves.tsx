/** All moves on record, each to be corrected: another day, or, for the last one, withdrawn. */
import { Button } from "antd";
import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { Sheet } from "@/shared/Sheet";
import type { Project } from "../api";
import { useStageName } from "./Stepper";
import css from "./lists.module.css";

interface Props {
  project: Project;
  onCorrect: (move: Schemas["MoveRead"]) => void;
  onClose: () => void;
}

export function Moves({ project, onCorrect, onClose }: Props) {
  const { t } = useTranslation("project");
  const { label } = useMeta();
  const name = useStageName();
  const moves = [...(project.moves ?? [])].reverse();
  return (
    <Sheet open title={t("acts.moves.menu")} width={520} onClose={onClose}>
      <ul className={css.list}>
        {moves.map((move) => (
          <li key={move.id} className={move.is_withdrawn ? css.void : undefined}>
            <div>
              <span>
                {said(label("MoveKind", move.kind))} {move.from_stage && move.from_stage !== move.to_stage && `${name(move.from_stage)} → `}
                {name(move.to_stage)}
              </span>
              <small>
                {[move.reason, move.override && t("moves.overridden", { reason: move.override.reason }), move.is_withdrawn && t("moves.withdrawn")]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </div>
            <span className="tabular">{move.happened_on}</span>
            {!move.is_withdrawn && move.project_id === project.id ? (
              <Button type="link" size="small" onClick={() => onCorrect(move)}>
                {t("moves.correct")}
              </Button>
            ) : (
              <span />
            )}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
