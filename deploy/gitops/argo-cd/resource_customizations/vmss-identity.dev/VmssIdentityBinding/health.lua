-- Says what kstatus says, so that Argo CD and Flux agree. What is being deleted Argo CD shows as Progressing by itself.
-- The standard libraries are closed to it: it goes into argocd-cm as it is.
local hs = {}

local function condition(type)
  if obj.status == nil or obj.status.conditions == nil then
    return nil
  end
  for _, each in ipairs(obj.status.conditions) do
    if each.type == type then
      return each
    end
  end
  return nil
end

local function verdict(status, each)
  hs.status = status
  hs.message = each.reason
  if each.message ~= nil and each.message ~= "" then
    hs.message = each.reason .. ": " .. each.message
  end
  return hs
end

local ready = condition("Ready")
if ready == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  hs.status = "Progressing"
  hs.message = "The operator has not looked at this generation yet"
  return hs
end

if obj.spec.suspend == true then
  return verdict("Suspended", ready)
end

local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return verdict("Degraded", stalled)
end

if ready.status == "True" then
  return verdict("Healthy", ready)
end
return verdict("Progressing", ready)
