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
