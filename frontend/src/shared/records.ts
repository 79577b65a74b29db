const ROOMS: Record<string, string> = {
  project: "/projects",
  lead: "/leads",
  enterprise: "/enterprises",
  official: "/officials",
  task_force: "/task-forces",
  referrer: "/referrers",
};

/** Returns the page of a record by the name of its kind in the API; null where it has none. */
export function pageOfRecord(type: string, id: string): string | null {
  if (type === "deal") return `/deals?open=${id}`;
  const room = ROOMS[type];
  return room ? `${room}/${id}` : null;
}

/** Returns the page of the record at the head of a path of the API; null where it has none. */
export function pageOfRequest(path: string): string | null {
  const [, room, id] = /^\/api\/v1(\/[a-z-]+)\/([0-9a-f-]{36})(?:\/|$)/.exec(path) ?? [];
  if (!room || !id) return null;
  if (room === "/deals") return pageOfRecord("deal", id);
  return Object.values(ROOMS).includes(room) ? `${room}/${id}` : null;
}
