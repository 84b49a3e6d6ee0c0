-- An Application is as healthy as what it deploys; Argo CD writes that into its status. Without this check
-- Argo CD gives no health to an Application, so no sync wave would wait for the Applications of the wave before.
local health = { status = "Progressing", message = "Argo CD has not looked at this Application yet" }
local found = obj.status and obj.status.health
if found and found.status then
  health.status = found.status
  health.message = found.message
end
return health
