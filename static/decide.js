// What a door answers: the same decision as src/checkin/rules.rs, for a device that hears nothing of the server.
// Both are held to tests/data/door_cases.json. Instants are RFC 3339 texts, as the server writes them.

const ms = (instant) => Date.parse(instant);

const ZONES = {
  "America/Los_Angeles": "Pacific", "America/Denver": "Mountain", "America/Phoenix": "Mountain",
  "America/Chicago": "Central", "America/New_York": "Eastern", UTC: "UTC",
};

function zoneWords(zone) {
  return ZONES[zone] ?? `${zone.split("/").pop().replaceAll("_", " ")} time`;
}

function parts(instant, zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit", hour12: true,
  });
  return Object.fromEntries(format.formatToParts(new Date(ms(instant))).map((part) => [part.type, part.value]));
}

/** `9:00 AM` in the zone. */
function timeWords(instant, zone) {
  const { hour, minute, dayPeriod } = parts(instant, zone);
  return `${hour}:${minute} ${dayPeriod}`;
}

/** `Mon 9 Mar 2026, 9:00 AM Pacific`. */
function instantWords(instant, zone) {
  const { weekday, day, month, year } = parts(instant, zone);
  return `${weekday} ${day} ${month} ${year}, ${timeWords(instant, zone)} ${zoneWords(zone)}`;
}

function answer(outcome, tone, word, message) {
  return { outcome, tone, word, message, lets_pass: false, mark: null, takes_seat: false };
}

const no = (outcome, word, message) => answer(outcome, "no", word, message);
const passing = (outcome, tone, word, message) => ({ ...answer(outcome, tone, word, message), lets_pass: true });

const STILL_PENDING = "This registration still waits for approval. Send the person to the registration desk.";
const ABOUT_THE_DOOR = ["not_enrolled", "waitlisted", "full", "unpaid", "outside_window"];

/** The answer to a scan, and whether somebody who may override can let in against it. */
export function decide(place, seen, asked) {
  const told = answerTo(place, seen, asked);
  const mayBeOverridden = ABOUT_THE_DOOR.includes(told.outcome) && !told.lets_pass && !told.message.startsWith(STILL_PENDING);
  return { ...told, may_be_overridden: mayBeOverridden };
}

/** Facts about the badge come first, then the door's times, then seat and money. */
function answerTo(place, seen, asked) {
  if (seen.kind !== "badge") return unreadable(place, seen.kind);
  if (seen.is_revoked) {
    return no("revoked", "OLD BADGE", "This badge was replaced by a new one. Ask for the new badge, or send the person to the desk.");
  }
  if (asked.direction === "out") return leave(place, seen);
  if (seen.status === "canceled") return no("canceled", "CANCELED", "This registration was canceled. Send the person to the registration desk.");
  if (seen.status === "pending") return no("not_enrolled", "NOT ON LIST", STILL_PENDING);
  return enter(place, seen, asked);
}

/** Somebody with a valid badge of this event wants in. */
function enter(place, holder, asked) {
  const seat = seating(place, holder, asked.at);
  const takesSeat = seat === "takes";
  const refusal = closed(place, asked.at) ?? (typeof seat === "object" ? seat : null);
  if (refusal) {
    if (!asked.is_overridden) return refusal;
    return holder.here_since ? again(place, holder.here_since, asked.at) : overridden(place);
  }
  if (holder.here_since) return again(place, holder.here_since, asked.at);
  let decision;
  if (!holder.owes) decision = takesSeat ? cameIn(place, "admitted", "yes", "Let in: a free seat goes to this person.") : admitted(place);
  else if (!place.refuses_unpaid) decision = unpaidLetIn(place);
  else if (asked.is_overridden) decision = overridden(place);
  else decision = no("unpaid", "UNPAID", "An invoice is open, and this event lets nobody in before it is paid. Send the person to the registration desk.");
  return { ...decision, takes_seat: takesSeat && decision.lets_pass };
}

function unreadable(place, kind) {
  if (kind === "other_event") return no("wrong_event", "WRONG EVENT", `This badge is for another event. Ask for the badge of ${place.event_name}.`);
  const messages = {
    damaged: "Only a part of the code could be read. Smooth the badge and scan again, or find the person by name.",
    foreign: "This code is not from one of our badges. Ask for the badge with the name on it.",
    missing: "The code is genuine, but no such badge is known here. Send the person to the registration desk.",
  };
  return no("unknown", "NOT KNOWN", messages[kind] ?? "This code was not made by us. Do not let it pass; send the person to the registration desk.");
}

/** The door's times, and a session that does not take place. */
function closed(place, at) {
  if (place.sitting?.is_canceled) {
    return answer("outside_window", "wait", "NOT OPEN", `“${place.sitting.title}” was canceled. Nobody is let in here; show the person the agenda.`);
  }
  const now = ms(at);
  const windows = place.windows;
  if (!windows.length || windows.some(([opens, closes]) => ms(opens) <= now && now < ms(closes))) return null;
  const next = windows.map(([opens]) => opens).filter((opens) => ms(opens) > now).sort((a, b) => ms(a) - ms(b))[0];
  const last = windows.map(([, closes]) => closes).sort((a, b) => ms(b) - ms(a))[0];
  const message = next ? `This opens ${instantWords(next, place.zone)}.` : `This closed ${instantWords(last, place.zone)}.`;
  const hint = (place.kind === "badge_pickup" ? otherPickup(place, at) : null)
    ?? (next ? " Ask the person to come back then." : " Send the person to the registration desk.");
  return answer("outside_window", "wait", "NOT OPEN", message + hint);
}

/** Where badges are given out now, or next. */
function otherPickup(place, at) {
  const now = ms(at);
  const open = place.pickups.find((one) => ms(one.opens_at) <= now && now < ms(one.closes_at));
  const later = place.pickups.filter((one) => ms(one.opens_at) > now).sort((a, b) => ms(a.opens_at) - ms(b.opens_at));
  const pickup = open ?? later[0];
  if (!pickup) return null;
  const audience = pickup.audience ? ` (${pickup.audience})` : "";
  const when = ms(pickup.opens_at) <= now ? `until ${timeWords(pickup.closes_at, place.zone)}` : `from ${instantWords(pickup.opens_at, place.zone)}`;
  return ` Badges are given out at ${pickup.place}${audience} ${when}.`;
}

/** Somebody who is here already, or whose badge was given out before. */
function again(place, since, at) {
  const words = instantWords(since, place.zone);
  let decision;
  if (place.kind === "badge_pickup") {
    decision = answer("already_in", "wait", "PICKED UP", `This badge was given out ${words}. If it was lost, the desk makes a new one and ends this one.`);
  } else if (place.in_only) {
    decision = passing("already_in", "yes", "WELCOME BACK", `Welcome back. First here ${words}.`);
  } else {
    decision = passing("already_in", "wait", "ALREADY IN", `Inside since ${words}. Let in if this is the person on the badge: the way out was not scanned.`);
  }
  // A queued scan from before the one we knew of makes the stay longer.
  return ms(at) < ms(since) && place.sitting ? { ...decision, mark: "in" } : decision;
}

function admitted(place) {
  return place.kind === "badge_pickup"
    ? passing("admitted", "yes", "HAND OVER", "Check the name and hand the badge over.")
    : cameIn(place, "admitted", "yes", "Let in.");
}

function unpaidLetIn(place) {
  return place.kind === "badge_pickup"
    ? passing("unpaid", "wait", "HAND OVER", "Hand the badge over. An invoice is open: ask the person to see the registration desk.")
    : cameIn(place, "unpaid", "wait", "Let in. An invoice is open: ask the person to see the desk later.");
}

function overridden(place) {
  return { ...admitted(place), message: "Let in by override. The reason is kept with the scan." };
}

/** Going out is never refused to a badge of this event; money, seats and times do not matter then. */
function leave(place, holder) {
  if (place.kind === "badge_pickup") return passing("admitted", "yes", "TAKEN BACK", "The badge is back and counts as not given out.");
  const message = place.sitting && !holder.here_since ? "Out. No scan on the way in is known; staff can add it." : "Out. Goodbye.";
  return { ...passing("admitted", "yes", "OUT", message), mark: place.sitting ? "out" : null };
}

function cameIn(place, outcome, tone, message) {
  return { ...passing(outcome, tone, "ADMIT", message), mark: place.sitting ? "in" : null };
}

/* Seats: "seated", "takes" (one is given here), or the refusal. */

function stageOf(sitting, at) {
  if (ms(at) < ms(sitting.choosing_ends_at)) return "choosing";
  return sitting.unclaimed_from && ms(sitting.unclaimed_from) <= ms(at) ? "unclaimed" : "closed";
}

function seating(place, holder, at) {
  const sitting = place.sitting;
  if (!sitting || holder.seat === "enrolled") return "seated";
  const covered = holder.is_covered || holder.given_away_at;
  if (!sitting.needs_seat && (covered || holder.seat)) return "seated";
  if (!holder.seat && !covered) {
    return no("not_enrolled", "NOT ON LIST", "The registration does not include this session. Send the person to the registration desk.");
  }
  return withoutSeat(place, sitting, holder, at);
}

function withoutSeat(place, sitting, holder, at) {
  const stage = stageOf(sitting, at);
  const unlimited = holder.free_seats === null;
  const open = (holder.free_seats ?? 0) + (stage === "unclaimed" ? holder.unclaimed_seats : 0);
  const hasTurn = stage === "unclaimed" || (stage === "closed" && holder.seat);
  if (hasTurn && (unlimited || open > holder.ahead)) return "takes";
  if (stage === "unclaimed") return notYet(place, holder, open);
  return holder.seat ? waits(place, sitting) : seatless(place, sitting, holder.free_seats, stage);
}

function waits(place, sitting) {
  const message = sitting.unclaimed_from
    ? `On the waitlist, without a seat yet. Ask the person to wait at the side: seats that nobody claims are given out here from ${timeWords(sitting.unclaimed_from, place.zone)}, the waitlist first.`
    : "This person is on the waitlist and has no seat yet. Ask them to wait at the side.";
  return answer("waitlisted", "wait", "WAITING", message);
}

function notYet(place, holder, open) {
  const who = holder.given_away_at
    ? `The person’s seat was given away at ${timeWords(holder.given_away_at, place.zone)}, because nobody had come`
    : holder.seat ? "On the waitlist" : "Not enrolled";
  if (open <= 0) return no("full", "FULL", `${who}, and every seat is taken by somebody who came. The agenda shows which sessions have seats.`);
  const first = holder.ahead === 1 ? "the person who waited here before comes first" : `the ${holder.ahead} people who waited here before come first`;
  return answer(holder.seat ? "waitlisted" : "not_enrolled", "wait", "WAITING", `${who}. ${freeWords(open)}, but ${first}: ask this one to wait at the side.`);
}

function seatless(place, sitting, free, stage) {
  const from = sitting.unclaimed_from ? timeWords(sitting.unclaimed_from, place.zone) : null;
  if (free !== null && free <= 0) {
    const later = from ? `; those that nobody claims here are given out from ${from}.` : ".";
    return no("full", "FULL", `Not enrolled, and every seat is taken. The agenda shows which sessions have seats${later}`);
  }
  let next = ", but choosing has ended: staff who may override can let the person in with a reason";
  if (stage === "choosing") next = ": choosing one on a phone or at the desk takes a moment, then scan again";
  else if (from) next = `, but choosing has ended: ask the person to wait at the side until ${from}, when seats are given out here`;
  return no("not_enrolled", "NOT ON LIST", `Not enrolled in this session. ${freeWords(free)}${next}.`);
}

function freeWords(free) {
  if (free === null) return "Seats are free";
  return free === 1 ? "One seat is free" : `${free} seats are free`;
}
