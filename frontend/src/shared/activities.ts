/** Reads what happened to a record: in words where the service has sentences for it, else the events by their names. */
import { answerOf, api, type Schemas } from "@/api/client";

type Told = Schemas["Page_ActivityItem_"];
interface Asked {
  limit: number;
  cursor?: string;
  kind?: string;
  with?: string;
}

const TOLD = {
  project: (id: string, query: Asked) =>
    api.GET("/api/v1/projects/{project_id}/activity", { params: { path: { project_id: id }, query } }),
  lead: (id: string, query: Asked) =>
    api.GET("/api/v1/leads/{lead_id}/activity", { params: { path: { lead_id: id }, query } }),
  deal: (id: string, query: Asked) =>
    api.GET("/api/v1/deals/{deal_id}/activity", { params: { path: { deal_id: id }, query } }),
  enterprise: (id: string, query: Asked) =>
    api.GET("/api/v1/enterprises/{enterprise_id}/activity", { params: { path: { enterprise_id: id }, query } }),
  official: (id: string, query: Asked) =>
    api.GET("/api/v1/officials/{official_id}/activity", { params: { path: { official_id: id }, query } }),
};
const EVENTS = {
  taskForce: (id: string, query: Asked) =>
    api.GET("/api/v1/task-forces/{task_force_id}/timeline", { params: { path: { task_force_id: id }, query } }),
  unit: (id: string, query: Asked) =>
    api.GET("/api/v1/units/{unit_id}/timeline", { params: { path: { unit_id: id }, query } }),
  referrer: (id: string, query: Asked) =>
    api.GET("/api/v1/referrers/{referrer_id}/timeline", { params: { path: { referrer_id: id }, query } }),
};

export type ActivityRecord = keyof typeof TOLD | keyof typeof EVENTS;

export function readActivity(of: keyof typeof TOLD, id: string, asked: Asked): Promise<Told> {
  return answerOf<Told>(TOLD[of](id, asked));
}

export function readEvents(of: keyof typeof EVENTS, id: string, asked: Asked): Promise<Schemas["Page_EventRead_"]> {
  return answerOf(EVENTS[of](id, asked));
}

/** Returns an event as an entry: its name, and the names of the fields that it changed. */
export function itemOfEvent(event: Schemas["EventRead"], meta: Schemas["Meta"]): Schemas["ActivityItem"] {
  const name = meta.event_types.find((type) => type.code === event.type);
  const changed = Object.keys((event.data.changes as object | undefined) ?? {});
  const fields = changed.map(
    (code) => meta.fields[event.subject_type]?.find((field) => field.code === code) ?? { code, zh: code, en: code },
  );
  const year = typeof event.data.year === "number" ? ` ${event.data.year}` : "";
  const after = (words: string[], colon: string, comma: string) => (words.length ? colon + words.join(comma) : year);
  return {
    id: event.id,
    at: event.at,
    on: null,
    kind: "field",
    type: event.type,
    actor: { kind: event.actor_kind, name: event.actor_name },
    zh: (name?.zh ?? event.type) + after(fields.map((field) => field.zh), "：", "、"),
    en: (name?.en ?? event.type) + after(fields.map((field) => field.en), ": ", ", "),
    body: null,
    next_step: null,
    next_step_on: null,
    changes: [],
    refs: [],
  };
}
