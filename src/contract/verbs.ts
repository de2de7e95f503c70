/** The one list of verbs: the AS2 types a target can perform, and `Deliver`, which hands over the activity itself. */

/** Every verb, in no order that means anything. */
export const verbs = [
  "Create",
  "Update",
  "Delete",
  "Move",
  "Add",
  "Remove",
  "Announce",
  "Like",
  "EmojiReact",
  "Undo",
  "Invite",
  "Accept",
  "TentativeAccept",
  "Reject",
  "Offer",
  "Read",
  "Deliver",
] as const;
