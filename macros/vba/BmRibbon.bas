' What the ribbon calls. The tab itself is customUI/customUI14.xml, its texts are in BmTexts.
Option Explicit

Public Sub BmOnLoad(ByVal ribbon As IRibbonUI)
    On Error Resume Next
    BmDescribe
End Sub

Public Sub BmOnAction(ByVal control As IRibbonControl)
    Dim command As String, argument As String
    command = BmNameOf(control)
    Select Case command
        Case "status": BmStatus
        Case "stop": BmStop
        Case Else
            If Not BmAgreed(command, argument) Then Exit Sub
            BmPress command, argument
    End Select
End Sub

Public Sub BmGetLabel(ByVal control As IRibbonControl, ByRef returned As Variant)
    returned = BmText("label_" & BmNameOf(control))
End Sub

Public Sub BmGetScreentip(ByVal control As IRibbonControl, ByRef returned As Variant)
    returned = BmText("label_" & BmNameOf(control))
End Sub

Public Sub BmGetSupertip(ByVal control As IRibbonControl, ByRef returned As Variant)
    returned = BmText("about_" & BmNameOf(control))
End Sub

' A text of the language Excel speaks.
Public Function BmText(ByVal key As String) As String
    BmText = BmTextIn(key, BmChinese())
End Function

' Whether Excel's own texts are Chinese; yes where the program cannot tell.
Private Function BmChinese() As Boolean
    BmChinese = True
    On Error GoTo Unknown
    BmChinese = ((Application.LanguageSettings.LanguageID(2) And 1023) = 4)
    Exit Function
Unknown:
    BmChinese = True
End Function

' A control's id without the "bm_" in front.
Private Function BmNameOf(ByVal control As IRibbonControl) As String
    BmNameOf = Mid(control.ID, 4)
End Function

' Asks for the argument, or for a yes where a command asks first. False where the person changed their mind.
Private Function BmAgreed(ByVal command As String, ByRef argument As String) As Boolean
    Dim typed As Variant, question As String
    BmAgreed = True
    question = BmText("asks_" & command)
    If BmText("argument_" & command) <> "" Then
        If question = "" Then question = BmText("about_" & command) Else question = question & vbLf & BmText("argument_" & command)
        typed = Application.InputBox(question, BmText("title"), BmSelectedOrder(), Type:=2)
        If VarType(typed) = vbBoolean Then BmAgreed = False Else argument = Trim(CStr(typed))
    ElseIf question <> "" Then
        BmAgreed = (MsgBox(question, vbOKCancel + vbQuestion, BmText("title")) = vbOK)
    End If
End Function

' The order number of the selected row, where the selected sheet has such a column.
Private Function BmSelectedOrder() As String
    Dim found As Variant, sheet As Object
    On Error GoTo NoOrder
    Set sheet = ActiveSheet
    found = Application.Match(BmTextIn("header_tid", True), sheet.Rows(1), 0)
    If IsError(found) Then found = Application.Match(BmTextIn("header_tid", False), sheet.Rows(1), 0)
    If IsError(found) Or ActiveCell.Row < 2 Then Exit Function
    BmSelectedOrder = CStr(sheet.Cells(ActiveCell.Row, found).Value)
    Exit Function
NoOrder:
    BmSelectedOrder = ""
End Function
