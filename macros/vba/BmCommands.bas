' Commands: a press becomes a job of the hub, its progress stands in the status bar, one sentence ends it.
Option Explicit

Public BmQuiet As Boolean
Public BmSaid As String
Public BmSteps As String
Private heldJob As String
Private heldLabel As String
Private failedLooks As Long

Private Const TRIES As Long = 5
Private Const LOOKS As Long = 10

' Do a command. Pressing again while it is under way shows how far it is and does nothing else.
Public Sub BmPress(ByVal command As String, ByVal argument As String)
    Dim status As Long, answer As String, job As Object
    If heldJob <> "" Then
        BmShow heldLabel & ": " & BmText("underway")
        Exit Sub
    End If
    BmSteps = ""
    heldLabel = BmText("label_" & command)
    BmShow heldLabel & ChrW(8230)
    BmKeepTyped
    answer = BmAsk("POST", "/v1/jobs", "{""command"":" & BmJsonText(command) & ",""argument"":" & BmJsonText(argument) & "}", status)
    If status = 202 Then Set job = BmJsonRead(answer)
    If Not job Is Nothing Then
        heldJob = BmTextOf(job, "number")
        failedLooks = 0
        BmShowJob job
        BmLookLater
    ElseIf status = 0 And BmHasXlwings() Then
        BmRunPython command, argument
    Else
        BmFinish BmHubProblem(status)
    End If
End Sub

' Called by Application.OnTime while a job is under way.
Public Sub BmLook()
    Dim status As Long, answer As String, job As Object
    If heldJob = "" Then Exit Sub
    answer = BmAsk("GET", "/v1/jobs/" & heldJob, "", status)
    If status = 200 Then Set job = BmJsonRead(answer)
    If job Is Nothing Then
        failedLooks = failedLooks + 1
        If failedLooks >= LOOKS Or status = 404 Then
            BmFinish BmText("lost")
        Else
            BmLookLater
        End If
        Exit Sub
    End If
    failedLooks = 0
    BmShowJob job
    Select Case BmTextOf(job, "state")
        Case "waiting", "running": BmLookLater
        Case Else: BmFinish BmTextOf(job, "answer")
    End Select
End Sub

' Stop the job under way at its next step.
Public Sub BmStop()
    Dim status As Long
    If heldJob <> "" Then BmAsk "POST", "/v1/jobs/" & heldJob & "/cancel", "", status
End Sub

' How the shop stands, and why the last function gave an error: one sentence.
Public Sub BmStatus()
    Dim status As Long, answer As String, state As Object, shown As String
    answer = BmAsk("GET", "/v1/status", "", status)
    If status = 200 Then Set state = BmJsonRead(answer)
    If state Is Nothing Then
        BmSay BmHubProblem(status)
        Exit Sub
    End If
    shown = BmTextOf(state, "shop") & ": " & BmText("asof") & " " & BmTextOf(state, "as_of") & "; " & _
        BmText("toship") & " " & BmTextOf(state, "to_ship") & "; " & BmText("todos") & " " & BmTextOf(state, "open_todos")
    If BmWhy <> "" Then shown = shown & vbLf & BmText("lasterror") & ": " & BmWhy
    BmSay shown
End Sub

Public Function BmHubProblem(ByVal status As Long) As String
    Select Case status
        Case 0: BmHubProblem = BmText("nohub")
        Case 401: BmHubProblem = BmText("oldtoken")
        Case 429, 503: BmHubProblem = BmText("busy")
        Case Else: BmHubProblem = BmText("refused") & " (" & status & ")"
    End Select
End Function

Private Sub BmShowJob(ByVal job As Object)
    Dim shown As String
    shown = BmTextOf(job, "label") & " " & Format(job.Item("progress"), "0%") & " " & BmTextOf(job, "step")
    BmSteps = BmSteps & BmTextOf(job, "state") & ";"
    BmShow shown
End Sub

' Excel refuses while a cell is being edited or a dialog is open: a few tries, then the text is left out.
Private Sub BmShow(ByVal shown As String)
    Dim i As Long
    On Error Resume Next
    For i = 1 To TRIES
        Err.Clear
        Application.StatusBar = shown
        If Err.Number = 0 Then Exit For
        DoEvents
    Next i
End Sub

Private Sub BmLookLater()
    Dim i As Long, when As Date
    On Error Resume Next
    when = Now + TimeSerial(0, 0, 1)
    For i = 1 To TRIES
        Err.Clear
        Application.OnTime when, BmMacro("BmLook")
        If Err.Number = 0 Then Exit Sub
        DoEvents
    Next i
    BmFinish BmText("lost")
End Sub

Private Function BmMacro(ByVal called As String) As String
    If InStr(Application.OperatingSystem, "Windows") > 0 Or InStr(Application.OperatingSystem, "Mac") > 0 Then
        BmMacro = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!" & called
    Else
        BmMacro = called
    End If
End Function

Private Sub BmFinish(ByVal sentence As String)
    heldJob = ""
    On Error Resume Next
    Application.StatusBar = False
    On Error GoTo 0
    BmRecalculate
    BmSay sentence
End Sub

' The functions' answers changed with the job: work out every cell anew, the screen as it was before.
Private Sub BmRecalculate()
    Dim updating As Boolean
    updating = True
    On Error Resume Next
    updating = Application.ScreenUpdating
    Application.ScreenUpdating = False
    Application.CalculateFull
    Application.ScreenUpdating = updating
End Sub

Private Sub BmSay(ByVal sentence As String)
    BmSaid = sentence
    If Not BmQuiet Then MsgBox sentence, vbInformation, BmText("title")
End Sub

' What was typed must be in the file before the engine reads it: save the shop's workbook.
Private Sub BmKeepTyped()
    Dim i As Long
    On Error Resume Next
    If Not BmIsShop(ActiveWorkbook) Then Exit Sub
    If ActiveWorkbook.Saved Or ActiveWorkbook.path = "" Then Exit Sub
    For i = 1 To TRIES
        Err.Clear
        ActiveWorkbook.Save
        If Err.Number = 0 Then Exit For
        DoEvents
    Next i
End Sub

Private Function BmIsShop(ByVal book As Object) As Boolean
    BmIsShop = BmHasSheet(book, "sheet_orders") And BmHasSheet(book, "sheet_commands")
End Function

Private Function BmHasSheet(ByVal book As Object, ByVal key As String) As Boolean
    Dim sheet As Object
    For Each sheet In book.Worksheets
        If sheet.Name = BmTextIn(key, True) Or sheet.Name = BmTextIn(key, False) Then BmHasSheet = True
    Next sheet
End Function

Private Function BmHasXlwings() As Boolean
    Dim name As String
    On Error GoTo Missing
    name = Workbooks("xlwings.xlam").Name
    BmHasXlwings = (name <> "")
    Exit Function
Missing:
    BmHasXlwings = False
End Function

' A JSON text in ASCII is a Python text as well.
Private Sub BmRunPython(ByVal command As String, ByVal argument As String)
    Dim code As String
    code = "import addin.excel.live as live; live.press(" & BmPython(command) & ", " & BmPython(argument) & ")"
    heldJob = "python"
    On Error GoTo Broken
    Application.Run "xlwings.xlam!RunPython", code
    heldJob = ""
    BmShow BmText("title")
    Application.StatusBar = False
    Exit Sub
Broken:
    BmFinish BmText("nopython")
End Sub

' In single quotes, as the text travels inside double quotes of a command line: anything but plain characters is refused.
Private Function BmPython(ByVal plain As String) As String
    Dim i As Long, one As String, kept As String
    For i = 1 To Len(plain)
        one = Mid(plain, i, 1)
        If one Like "[0-9A-Za-z_.-]" Then kept = kept & one
    Next i
    BmPython = "'" & kept & "'"
End Function
