import type { Schemas } from "@/api/client";

/** Returns a count with thousands separated; one that the service counted no further has a plus. */
export function countText(count: Schemas["Count"] | number | null | undefined): string {
  if (count === null || count === undefined) return "";
  const value = typeof count === "number" ? count : count.value;
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",") + (typeof count !== "number" && count.capped ? "+" : "");
}
