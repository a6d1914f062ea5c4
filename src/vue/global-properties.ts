import type { DataLayerMembers } from '../services/members.ts'

export type { DataLayerMembers }

declare module 'vue' {
  // The empty one keeps a project's own extension of it working whichever file is read first, as Pinia does it.
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface GlobalComponents {}
  interface ComponentCustomProperties extends DataLayerMembers {}
}
