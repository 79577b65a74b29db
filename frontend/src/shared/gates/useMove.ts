/** Moves of a project, and their undo. */
import { api, type Schemas } from "@/api/client";
import type { Problem } from "@/api/problems";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { plainName } from "../RecordName";
import { toast } from "../toast";
import { useAct } from "../useAct";
import type { Movable } from "./types";

export interface Move {
  project: Movable;
  body: Schemas["MoveCreate"];
}

interface Options {
  onMoved?: (project: Schemas["ProjectRead"], move: Move) => void;
  /** Returns whether the refusal was shown where it belongs. */
  onRefused?: (problem: Problem, move: Move) => boolean;
  onUndone?: () => void;
}

/** Returns the mutation that moves a project to a stage and offers to take it back. */
export function useMove({ onMoved, onRefused, onUndone }: Options = {}) {
  const { t } = useTranslation("gates");
  const { stage } = useMeta();
  const undo = useUndo(onUndone);
  return useAct<Move, Schemas["ProjectRead"]>({
    act: ({ project, body }, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/moves", { params: { path: { project_id: project.id }, header }, body, headers }),
    version: ({ project }) => project.version,
    onRefused,
    onDone: (moved, move) => {
      const found = stage(moved.stage);
      const text = t("moved", {
        name: plainName(moved.name),
        stage: found ? said({ zh: found.name_zh, en: found.name_en }) : moved.stage,
      });
      // What was overridden stays for ever: only a correction takes it back.
      const isUndoable = !move.body.override;
      toast(text, isUndoable ? { text: t("common:undo"), run: () => undo.mutate({ id: moved.id, version: moved.version }) } : undefined);
      onMoved?.(moved, move);
    },
  });
}

/** Returns the mutation that takes back one's own latest move, pause or reactivation. */
export function useUndo(onUndone?: () => void) {
  const { t } = useTranslation("gates");
  const { stage } = useMeta();
  return useAct<{ id: string; version: number }, Schemas["ProjectRead"]>({
    act: ({ id }, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/undo", { params: { path: { project_id: id }, header }, headers }),
    version: ({ version }) => version,
    onDone: (back) => {
      const found = stage(back.stage);
      toast(
        t("undone", {
          name: plainName(back.name),
          stage: found ? said({ zh: found.name_zh, en: found.name_en }) : back.stage,
        }),
      );
      onUndone?.();
    },
  });
}
