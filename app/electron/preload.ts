// Runs in the sandbox, before the page: shows it the database and nothing else.
import { contextBridge, ipcRenderer } from 'electron'
import { exposeElectronDatabase } from 'selfsame/electron/preload'

exposeElectronDatabase(contextBridge, ipcRenderer)
